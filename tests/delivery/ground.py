"""A planned issue, people, a clock and senders: what the tests of sending stand on."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sse_digest.delivery.issue_mail import IssueMail
from sse_digest.delivery.job import MessageRequest, Recipient
from sse_digest.delivery.options import Limits, Pipelining, Security, SendOptions, Timeouts
from sse_digest.delivery.progress import Progress
from sse_digest.delivery.relays.relay_state import RelayState
from sse_digest.delivery.send_job import SenderName, SendJob
from sse_digest.delivery.send_state import SendState
from sse_digest.delivery.sender import Sender, SendReport
from sse_digest.delivery.sender_lock import SenderLocks
from sse_digest.delivery.smtp.connect import SmtpRelay
from sse_digest.errors import DeliveryError, SseDigestError
from sse_digest.model.deliveries import Skip
from sse_digest.store import Connection, Store
from sse_digest.store.sending import deliveries as ledger
from sse_digest.store.sending import delivery_batches
from sse_digest.store.sending.deliveries import ClaimedDelivery, NewDelivery
from tests.options import relay_limits, relay_options, relay_timeouts, send_options
from tests.smtp_server import ScriptedServer

ISSUE = ("monthly", "2023-04")
NOW = datetime(2023, 5, 1, 8, tzinfo=UTC)
OPTIONS = send_options(
    envelope_from="bounces@example.org",
    connections=3,
    reconnect_delay=timedelta(seconds=0.05),
    drain_timeout=timedelta(0),
)
TIMEOUTS = relay_timeouts(connect_s=2, command_s=1, data_s=1, content_s=0.5, reset_s=0.5, quit_s=0.2)


@dataclass
class Clock:
    """Real time that can be moved on."""

    ahead: timedelta = timedelta(0)
    began: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __call__(self) -> datetime:
        return NOW + self.ahead + (datetime.now(UTC) - self.began)


@dataclass
class People(IssueMail):
    """Addresses by number, as the audience would give them, and mails of one line; asks no database."""

    skips: dict[int, Skip] = field(default_factory=dict)
    addresses: dict[int, str] = field(default_factory=dict)  # of those who changed theirs
    unwritable: set[int] = field(default_factory=set)
    is_immediate: bool = True

    def leave(self, number: int) -> None:
        self.skips[number] = Skip.NOT_ACTIVE

    def move(self, number: int, address: str) -> None:
        self.addresses[number] = address

    def recipients(
        self, connection: Connection, rows: Sequence[ClaimedDelivery]
    ) -> Mapping[int, Recipient | Skip]:
        del connection
        return {
            row.id: self.skips.get(row.subscriber_id)
            or Recipient(
                address=self.addresses.get(row.subscriber_id, f"p{row.subscriber_id}@example.net"), name=None
            )
            for row in rows
        }

    async def contents(self, wanted: Sequence[MessageRequest]) -> Sequence[Sequence[bytes] | SseDigestError]:
        return [await self._content_or_error(want) for want in wanted]

    async def _content_or_error(self, want: MessageRequest) -> Sequence[bytes] | SseDigestError:
        try:
            return await self.content(*want)
        except SseDigestError as error:
            return error

    async def content(self, row: ClaimedDelivery, recipient: Recipient, date: datetime) -> Sequence[bytes]:
        if row.subscriber_id in self.unwritable:
            raise DeliveryError("a template failed")
        lines = (
            f"To: {recipient.address}",
            f"Message-ID: {row.message_id}",
            f"Date: {date.isoformat()}",
            "",
            "news",
        )
        return ("\r\n".join(lines).encode(),)

    def sender(self, row: ClaimedDelivery, recipient: Recipient) -> str:
        del row, recipient
        return OPTIONS.envelope_from


async def claim(store: Store, *, sender: str, limit: int) -> tuple[ClaimedDelivery, ...]:
    """Take deliveries as a sender does."""

    def work(whole: Connection) -> tuple[ClaimedDelivery, ...]:
        return ledger.claim(whole, *ISSUE, sender=sender, limit=limit, now=NOW)

    return await store.write_deliveries(work)


async def intend(store: Store, row: ClaimedDelivery, *, sender: str) -> bool:
    """Write an intent down; whether it was still this sender's."""

    def work(whole: Connection) -> bool:
        return delivery_batches.intend_all(whole, [(row, NOW)], sender=sender, now=NOW)

    return await store.write_deliveries(work)


def plan(store: Store, count: int) -> None:
    with store.writing() as connection:
        connection.insert(
            "issues", {"digest": ISSUE[0], "period": ISSUE[1], "composed_at": NOW, "frozen_at": NOW}
        )
        rows = [
            NewDelivery(
                subscriber_id=n, list="news", language="en", themes="youth", message_id=f"<{n}@example.org>"
            )
            for n in range(1, count + 1)
        ]
        ledger.add_deliveries(connection, *ISSUE, rows, NOW)
        ledger.fix_total(connection, *ISSUE)


def send_state(options: SendOptions = OPTIONS) -> SendState:
    return SendState(options, asyncio.Event())


@dataclass
class Ground:
    """What every test here needs."""

    store: Store
    folder: Path
    clock: Clock = field(default_factory=Clock)
    people: People = field(default_factory=People)
    timeouts: Timeouts = TIMEOUTS
    pipelining: Pipelining = Pipelining.SAFE
    depth: int = 4
    limits: Limits | None = None  # of each relay; None: as many connections as the options say
    fallbacks: tuple[int, ...] = ()  # ports of further relays
    count: int = 0

    def sending(
        self,
        server: ScriptedServer | int,
        *,
        stop: asyncio.Event | None = None,
        on_progress: Callable[[Progress], None] = lambda _progress: None,
        **changes: object,
    ) -> Sender:
        job = self.job(server, **changes)  # type: ignore[arg-type] # the test's own changes
        job = replace(job, stop=stop or job.stop, on_progress=on_progress)
        return Sender(job, SenderLocks(self.folder))

    def job(self, server: ScriptedServer | int = 0, sender: str | None = None, **changes: object) -> SendJob:
        port = server if isinstance(server, int) else server.port
        self.count += 1
        options = replace(OPTIONS, **changes)  # type: ignore[arg-type] # the test's own changes
        return SendJob(
            store=self.store,
            routes=[self.route(one, options) for one in (port, *self.fallbacks)],
            mail=self.people,
            issue=ISSUE,
            options=options,
            secret_keys=(b"0123456789abcdef0123456789abcdef",),
            sender=SenderName(id=sender or f"sender{self.count}", host="here", pid=self.count),
            clock=self.clock,
            stop=asyncio.Event(),
        )

    def dead(self) -> list[int]:
        """Return the subscribers whose address does not exist, as the relay said."""
        with self.store.reading() as connection:
            rows = connection.rows("SELECT subscriber_id FROM deliveries WHERE blame = 'dead' ORDER BY id")
        return [row["subscriber_id"] for row in rows]

    def route(self, port: int, options: SendOptions) -> RelayState:
        at = relay_options(
            host="127.0.0.1",
            port=port,
            security=Security.NONE,
            timeouts=self.timeouts,
            pipelining=self.pipelining,
            depth=self.depth,
        )
        return RelayState(
            SmtpRelay(at),
            name=f"127.0.0.1:{port}",
            limits=self.limits or relay_limits(connections=options.connections),
            delay=options.reconnect_delay,
        )

    async def send(self, server: ScriptedServer | int, wait_s: float = 0, **changes: object) -> SendReport:
        sending = self.sending(server, **changes)  # type: ignore[arg-type] # options, never `stop`
        return await sending.send(timedelta(seconds=wait_s))

    def rows(self) -> dict[int, tuple[str, bool, int]]:
        with self.store.reading() as connection:
            found = connection.rows("SELECT subscriber_id, state, held, doubts FROM deliveries")
        return {number: (state, bool(held), doubts) for number, state, held, doubts in found}


def everybody(count: int = 10) -> list[str]:
    return sorted(f"p{n}@example.net" for n in range(1, count + 1))

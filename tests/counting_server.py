"""A real SMTP server (aiosmtpd) that counts whom it took a message for, and processes that send to it."""

import asyncio
import random
import signal
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiosmtpd.smtp import SMTP, Envelope, Session

from sse_digest.model.deliveries import Account
from sse_digest.store.sending import accounts
from tests.installation import Installation, Sender

SECONDS_BEFORE_AN_ANSWER = 0.004  # at most, before and after a message is counted


def take_all(address: str) -> str | None:
    del address
    return None


@dataclass
class CountingServer:
    """Counts a message before it says that it took it."""

    chance: random.Random
    offers: tuple[str, ...] = ()  # PIPELINING, CHUNKING; it can both
    refuses: Callable[[str], str | None] = take_all  # gives the refusal of a recipient; None: taken
    taken: Counter[str] = field(default_factory=Counter)
    more: asyncio.Event = field(default_factory=asyncio.Event)
    holds_back_from: int | None = None  # answers no further message until `answers` is set
    held_back: int = 0
    answers: asyncio.Event = field(default_factory=asyncio.Event)
    port: int = 0
    ahead: int = 0  # recipients behind which something had come before they were answered
    chunks: int = 0
    away: float = 0.0  # share of the sessions that it ends without a word
    sessions_ended: int = 0

    async def handle_RCPT(  # noqa: N802 # aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        del session, options
        self.ahead += bool(server._reader._buffer)  # type: ignore[attr-defined] # nothing public tells
        refusal = self.refuses(address)
        if refusal is None:
            envelope.rcpt_tos.append(address)
        return refusal or "250 2.1.5 ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 # aiosmtpd's name
        del server, session
        await asyncio.sleep(self.chance.random() * SECONDS_BEFORE_AN_ANSWER)
        self.taken[envelope.rcpt_tos[0]] += 1
        self.more.set()
        if self.holds_back_from is not None and self.taken.total() >= self.holds_back_from:
            self.held_back += 1
            await self.answers.wait()
        await asyncio.sleep(self.chance.random() * SECONDS_BEFORE_AN_ANSWER)
        return "250 2.0.0 taken"

    async def handle_EHLO(  # noqa: N802 # aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        del envelope
        session.host_name = hostname
        if self.chance.random() < self.away:
            self.sessions_ended += 1
            assert server.transport is not None
            server.transport.close()
        host, *others = responses
        return [host, *(f"250-{offer}" for offer in self.offers), *others]

    async def has_taken(self, count: int, process: Sender) -> None:
        """Wait until it took so many messages, or the sender ended."""
        while self.taken.total() < count and process.is_alive():
            self.more.clear()
            try:
                await asyncio.wait_for(self.more.wait(), 0.2)
            except TimeoutError:
                continue

    def counts_with(self, other: "CountingServer") -> None:
        """Count together: what either took, both know."""
        self.taken, self.more = other.taken, other.more

    @property
    def doubled(self) -> int:
        """How many people got a second copy."""
        return sum(count > 1 for count in self.taken.values())


class ChunkingSMTP(SMTP):
    """What aiosmtpd lacks: `BDAT n LAST` (RFC 3030 section 2), with the whole message in one chunk."""

    async def smtp_BDAT(self, arg: str) -> None:  # noqa: N802 # aiosmtpd's name
        size, last = arg.split()
        assert last == "LAST"
        content = await self._reader.readexactly(int(size))
        assert self.envelope is not None
        if not self.envelope.rcpt_tos:
            await self.push("554 5.5.1 no valid recipients")
            return
        self.envelope.content = content
        self.event_handler.chunks += 1
        await self.push(await self._call_handler_hook("DATA"))
        self._set_post_data_state()  # type: ignore[no-untyped-call] # aiosmtpd's


@asynccontextmanager
async def counting_server(
    seed: int,
    *,
    offers: tuple[str, ...] = ("PIPELINING",),
    refuses: Callable[[str], str | None] = take_all,
) -> AsyncIterator[CountingServer]:
    """Listen on a free port of loopback."""
    server = CountingServer(random.Random(seed), offers, refuses)
    listening = await asyncio.get_running_loop().create_server(lambda: ChunkingSMTP(server), "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        await listening.wait_closed()


async def joined(process: Sender) -> int:
    """Wait for a process; return its exit code."""
    while process.is_alive():
        await asyncio.sleep(0.005)
    process.join()
    assert process.exitcode is not None
    assert process.exitcode != -signal.SIGALRM, "a sender hangs; its output.log says where"
    return process.exitcode


async def account_if_any(installation: Installation) -> Account | None:
    """Return the account, or None if the recipients were not fixed yet."""
    with installation.app() as app, app.store.reading() as connection:
        return accounts.account(connection, "monthly", "2023-04")


async def account_of(installation: Installation) -> Account:
    account = await account_if_any(installation)
    assert account is not None
    return account


async def held_addresses(installation: Installation) -> set[str]:
    with installation.app() as app, app.store.reading() as connection:
        return {str(row["address"]) for row in accounts.in_doubt(connection, "monthly", "2023-04")}

"""What happens at the edges: ends before beginnings, refusals of a reset, a stop in the middle of a door."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from aiosmtplib import SMTP

from sse_digest.delivery.group_commit import GroupCommitter, _Request
from sse_digest.delivery.job import Recipient
from sse_digest.delivery.options import Security
from sse_digest.delivery.sender_lock import SenderLocks
from sse_digest.delivery.smtp.connect import SmtpRelay
from sse_digest.delivery.smtp.envelope import Envelope, content_of
from sse_digest.delivery.smtp.protocol import LINE_LIMIT, SmtpProtocol
from sse_digest.delivery.smtp.unavailable import RelayUnavailableError
from sse_digest.errors import DeliveryError
from sse_digest.model.deliveries import Phase, Skip, State, Verdict
from sse_digest.store import Connection, Store
from sse_digest.store.sending.deliveries import ClaimedDelivery
from tests.delivery.ground import Ground, People, everybody, plan, send_state
from tests.options import relay_options
from tests.smtp_server import STALL, listening, recipients


@pytest.fixture
def ground(store: Store, tmp_path: Path) -> Ground:
    plan(store, 10)
    return Ground(store, tmp_path / "senders")


@pytest.mark.parametrize("data", [b"garbage\r\n", b"250 " + b"x" * LINE_LIMIT + b"\r\n", b"250 fine\r\n"])
def test_a_conversation_that_has_no_connection_yet_ends_in_peace(data: bytes) -> None:
    talk = SmtpProtocol()

    talk.data_received(data)
    talk.close()

    assert talk.is_over


def test_a_place_where_no_lock_can_lie_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with (
        pytest.raises(DeliveryError, match="check its permissions"),
        SenderLocks(tmp_path / "file").hold("sender"),
    ):
        pass
    with pytest.raises(DeliveryError, match="check its permissions"):
        SenderLocks(tmp_path / "file").lives("sender")


def test_asking_whether_a_sender_lives_takes_nothing_from_it(tmp_path: Path) -> None:
    locks = SenderLocks(tmp_path / "locks")
    assert not locks.lives("sender")  # nor does it make a file
    assert not (tmp_path / "locks").exists()

    with locks.hold("sender") as held:
        assert held
        assert locks.lives("sender")
        with locks.hold("sender") as again:
            assert not again

    assert not locks.lives("sender")


async def test_one_id_is_one_sender(ground: Ground) -> None:
    sending = ground.sending(1)
    with SenderLocks(ground.folder).hold("sender1"), pytest.raises(DeliveryError, match="already sending"):
        await sending.send(timedelta(0))


async def test_told_to_stop_while_the_relay_opens_nobody_is_touched(ground: Ground) -> None:
    stop = asyncio.Event()
    async with listening(GREETING=STALL) as server:
        task = asyncio.create_task(ground.sending(server, stop=stop).send(timedelta(0)))
        while server.connections == 0:
            await asyncio.sleep(0.01)
            assert not task.done()
        stop.set()
        report = await task

    assert report.account.states == {State.PLANNED: 10}


async def test_an_address_that_cannot_be_written_is_skipped_alone(ground: Ground) -> None:
    class Written(People):
        def recipients(
            self, connection: Connection, rows: Sequence[ClaimedDelivery]
        ) -> Mapping[int, Recipient | Skip]:
            found = dict(super().recipients(connection, rows))
            odd = Recipient(address="j ana@example.net", name=None)
            return {row.id: odd if row.subscriber_id == 3 else found[row.id] for row in rows}

    ground.people = Written()
    async with listening() as server:
        report = await ground.send(server)

    assert report.is_clean
    assert report.account.states == {State.ACCEPTED: 9, State.SKIPPED: 1}


async def test_a_reset_that_is_refused_ends_the_session_before_the_next_message() -> None:
    async with listening(RCPT="550 5.1.1 no", RSET="500 5.5.2 what") as server:
        relay = SmtpRelay(relay_options(host="127.0.0.1", port=server.port, security=Security.NONE, helo="t"))
        async with await relay.open() as session:
            first = await session.submit(
                Envelope("a@example.org", "b@example.net"), content_of(b"Subject: x\r\n\r\n")
            )
            second = await session.submit(
                Envelope("a@example.org", "c@example.net"), content_of(b"Subject: x\r\n\r\n")
            )

    assert first.verdict is Verdict.REJECTED
    assert (second.verdict, second.phase) == (Verdict.DEFERRED, Phase.MAIL)
    assert server.taken == []


async def test_resets_that_are_refused_lose_nobody_in_pipelines(ground: Ground) -> None:
    def rcpt(to: str) -> str:
        return "550 5.1.1 no" if to == "p3@example.net" else "250 ok"

    async with listening(EHLO="250-test\r\n250 PIPELINING", RCPT=rcpt, RSET="500 5.5.2 what") as server:
        report = await ground.send(server, connections=1)
        ground.clock.ahead = timedelta(hours=1)
        after = await ground.send(server, connections=1)

    assert report.account.balances
    assert after.account.states == {State.ACCEPTED: 9, State.REJECTED: 1}
    assert sorted(recipients(server)) == [one for one in everybody() if one != "p3@example.net"]


async def test_somebody_who_leaves_before_a_synchronous_message_gets_nothing(ground: Ground) -> None:
    def rcpt(to: str) -> str:
        ground.people.leave(5)  # they are claimed by now, and looked up once more
        return "250 ok"

    async with listening(RCPT=rcpt) as server:
        report = await ground.send(server, connections=2)

    assert report.is_clean
    assert report.account.states == {State.ACCEPTED: 9, State.SKIPPED: 1}
    assert "p5@example.net" not in recipients(server)


async def test_the_last_one_who_leaves_behind_an_envelope_gets_nothing(ground: Ground) -> None:
    def rcpt(to: str) -> str:
        if to == "p10@example.net":
            ground.people.leave(10)
        return "250 ok"

    async with listening(EHLO="250-test\r\n250 PIPELINING", RCPT=rcpt) as server:
        report = await ground.send(server, connections=1)

    assert report.is_clean
    assert report.account.states == {State.ACCEPTED: 9, State.SKIPPED: 1}
    assert "p10@example.net" not in recipients(server)


async def test_a_changed_address_for_which_nothing_can_be_written_fails_alone(ground: Ground) -> None:
    def rcpt(to: str) -> str:
        if to == "p5@example.net":
            ground.people.move(5, "new@example.net")
            ground.people.unwritable.add(5)
        return "250 ok"

    async with listening(EHLO="250-test\r\n250 PIPELINING", RCPT=rcpt) as server:
        report = await ground.send(server, connections=1)

    assert report.account.states == {State.ACCEPTED: 9, State.DEFERRED: 1}
    assert not {"p5@example.net", "new@example.net"} & set(recipients(server))


async def test_told_to_stop_it_ends_even_where_something_hangs(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Hanging(People):
        async def content(
            self, row: ClaimedDelivery, recipient: Recipient, date: datetime
        ) -> Sequence[bytes]:
            if row.subscriber_id == 4:
                stop.set()
                await asyncio.get_running_loop().create_future()
            return await super().content(row, recipient, date)

    monkeypatch.setattr("sse_digest.delivery.worker_pool.ABORT_GRACE_S", 0.1)
    stop = asyncio.Event()
    ground.people = Hanging(is_immediate=False)  # a line waits for it
    async with listening() as server:
        with pytest.raises(DeliveryError, match="did not end in time"):
            some_time = timedelta(seconds=0.3)
            await ground.sending(server, stop=stop, drain_timeout=some_time).send(timedelta(0))
        ground.people = People()
        ground.clock.ahead = timedelta(hours=1)
        report = await ground.send(server)

    assert report.is_clean
    assert sorted(recipients(server)) == everybody()


def test_a_connection_lost_while_it_was_opened_is_tried_again() -> None:
    relay = SmtpRelay(relay_options(host="127.0.0.1", port=1, security=Security.NONE))

    with pytest.raises(RelayUnavailableError, match="tried again") as caught:
        relay._session(SMTP())  # one that never had a connection

    assert not caught.value.refused


async def test_commits_that_never_began_end_in_peace(ground: Ground) -> None:
    commits = GroupCommitter(ground.job(sender="nobody", connections=1), send_state())

    await commits.__aexit__(None, None, None)

    assert ground.dead() == []


async def test_a_failure_told_to_somebody_who_is_gone_harms_nobody(ground: Ground) -> None:
    commits = GroupCommitter(ground.job(sender="nobody", connections=1), send_state())
    gone: asyncio.Future[object] = asyncio.get_running_loop().create_future()
    gone.cancel()

    commits._fail([_Request(job=None, done=gone)], ValueError())  # type: ignore[arg-type] # only `done` is looked at

    assert gone.cancelled()
    assert commits.failure is None


@pytest.mark.parametrize(
    ("offers", "states"),
    [
        ("250-test\r\n250 SMTPUTF8", {State.ACCEPTED: 10}),
        ("250-test\r\n250 SIZE", {State.ACCEPTED: 9, State.REJECTED: 1}),
    ],
)
async def test_an_address_beyond_ascii_goes_to_a_relay_that_takes_it(
    ground: Ground, offers: str, states: dict[State, int]
) -> None:
    ground.people.move(3, "j\u00fcrgen@example.net")
    async with listening(EHLO=offers) as server:
        report = await ground.send(server)

    assert report.is_clean
    assert report.account.states == states
    assert len(recipients(server)) == states[State.ACCEPTED]
    assert not ground.dead()

"""A whole send: ledger in a real database, relay over a real socket."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from sse_digest.delivery.job import Recipient
from sse_digest.delivery.options import Pipelining
from sse_digest.delivery.sender_lock import SenderLocks
from sse_digest.model.deliveries import DoubtPolicy, Skip, State, Verdict
from sse_digest.store import Connection, Store
from sse_digest.store.sending import accounts
from sse_digest.store.sending import deliveries as ledger
from sse_digest.store.sending.deliveries import ClaimedDelivery
from tests.delivery.ground import ISSUE, NOW, TIMEOUTS, Ground, People, claim, everybody, intend, plan
from tests.loopback import loopback
from tests.smtp_server import CLOSE, STALL, ScriptedServer, listening, message_id, recipients


@pytest.fixture
def ground(store: Store, tmp_path: Path) -> Ground:
    plan(store, 10)
    return Ground(store, tmp_path / "senders")


async def test_everybody_gets_it_once_over_few_connections(ground: Ground) -> None:
    async with listening() as server:
        report = await ground.send(server)

    assert sorted(recipients(server)) == everybody()
    assert report.is_clean
    assert report.account.states == {State.ACCEPTED: 10}
    assert server.connections <= 3


async def test_a_second_send_mails_nobody(ground: Ground) -> None:
    async with listening() as server:
        await ground.send(server)
        report = await ground.send(server)

    assert sorted(recipients(server)) == everybody()
    assert report.is_clean


async def test_senders_at_once_share_the_work(ground: Ground) -> None:
    async with listening() as server:
        await asyncio.gather(*(ground.send(server) for _ in range(5)))
        report = await ground.send(server)

    assert sorted(recipients(server)) == everybody()
    assert report.is_clean


async def test_a_refusal_for_now_is_retried_when_due_by_the_same_or_a_later_send(ground: Ground) -> None:
    tried: dict[str, int] = {}

    def greylist(to: str) -> str:
        tried[to] = tried.get(to, 0) + 1
        return "451 4.7.1 greylisted, come back" if tried[to] == 1 and to < "p5" else "250 ok"

    async with listening(RCPT=greylist) as server:
        first = await ground.send(server)
        early = await ground.send(server)
        ground.clock.ahead = timedelta(minutes=6)
        late = await ground.send(server)

    assert first.account.states[State.DEFERRED] == early.account.states[State.DEFERRED] == 5
    assert first.next_due is not None
    assert not first.is_clean
    assert late.is_clean
    assert sorted(recipients(server)) == everybody()


async def test_a_retry_that_falls_due_within_the_wait_is_waited_for(ground: Ground) -> None:
    tried: set[str] = set()

    def greylist(to: str) -> str:
        if to in tried:
            return "250 ok"
        tried.add(to)
        return "451 4.7.1 greylisted, come back"

    async with listening(RCPT=greylist) as server:
        report = await ground.send(server, 5, retry_delays=(timedelta(seconds=0.1),))

    assert report.is_clean
    assert sorted(recipients(server)) == everybody()


async def test_message_id_and_date_are_the_same_on_every_attempt(ground: Ground) -> None:
    async with listening(CONTENT=CLOSE) as server:
        await ground.send(server)
        ground.clock.ahead = timedelta(days=1)
        server.script["CONTENT"] = "250 ok"
        await ground.send(server)

    copies: dict[str, set[bytes]] = {}
    for taken in server.taken:
        copies.setdefault(message_id(taken.content), set()).add(taken.content)
    assert all(len(different) == 1 for different in copies.values())


@pytest.mark.parametrize("phase", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("pipelining", list(Pipelining))
async def test_a_mail_that_no_relay_may_have_is_dated_anew(
    ground: Ground, phase: str, pipelining: Pipelining
) -> None:
    ground.pipelining = pipelining
    offers = "250-test\r\n250-PIPELINING\r\n250 CHUNKING"
    async with listening(EHLO=offers, **{phase: "451 4.3.0 later"}) as server:
        await ground.send(server)
        ground.clock.ahead = timedelta(days=3)  # the deadline still counts from the first attempt
        server.script.update({phase: "354 go on" if phase == "DATA" else "250 ok", "CONTENT": CLOSE})
        await ground.send(server)
        ground.clock.ahead = timedelta(days=3.5)
        server.script["CONTENT"] = "250 ok"
        await ground.send(server)

    dates = {re.search(rb"Date: (\S{10})", taken.content)[1] for taken in server.taken}  # type: ignore[index] # all have one
    assert dates == {b"2023-05-04"}
    assert set(recipients(server)) == set(everybody())


async def test_a_mail_that_is_dated_anew_still_expires(ground: Ground) -> None:
    async with listening(RCPT="450 4.2.0 later") as server:
        for days in (0, 3, 5):
            ground.clock.ahead = timedelta(days=days)
            report = await ground.send(server)

    assert report.account.states == {State.EXPIRED: 10}


async def test_a_dead_address_is_rejected_and_noted_others_are_not_touched(ground: Ground) -> None:
    answers = {"p2": "550 5.1.1 no such user", "p3": "552 5.2.2 full"}
    async with listening(RCPT=lambda to: answers.get(to.split("@")[0], "250 ok")) as server:
        report = await ground.send(server)

    assert report.is_clean
    assert report.account.states == {State.ACCEPTED: 8, State.REJECTED: 2}
    assert ground.dead() == [2]


async def test_somebody_who_left_meanwhile_is_skipped_at_submission(ground: Ground) -> None:
    ground.people.skips = {4: Skip.NOT_ACTIVE, 5: Skip.SUPPRESSED}
    async with listening() as server:
        report = await ground.send(server)

    assert report.is_clean
    assert report.account.states == {State.ACCEPTED: 8, State.SKIPPED: 2}
    assert not {"p4@example.net", "p5@example.net"} & set(recipients(server))


async def test_a_message_that_cannot_be_written_fails_alone(ground: Ground) -> None:
    ground.people.unwritable = {7}
    async with listening() as server:
        report = await ground.send(server)

    assert report.account.states == {State.ACCEPTED: 9, State.DEFERRED: 1}
    assert report.progress.alarm is not None


async def test_refusals_of_our_own_fault_pause_and_touch_nobody(store: Store, tmp_path: Path) -> None:
    plan(store, 60)
    ground = Ground(store, tmp_path)
    async with listening(CONTENT="550 5.7.26 not authenticated") as server:
        report = await ground.send(server)
        assert report.progress.alarm is not None
        assert report.account.states.get(State.REJECTED, 0) == 0
        assert 20 <= report.account.states[State.DEFERRED] <= 23
        assert report.account.balances

        server.script["CONTENT"] = "250 ok"
        ground.clock.ahead = timedelta(hours=1)
        after = await ground.send(server)

    assert after.is_clean
    assert sorted(recipients(server)) == everybody(60)


async def test_a_relay_that_is_away_is_waited_for(ground: Ground) -> None:
    async with ScriptedServer() as gone:
        port = gone.port
    sending = asyncio.create_task(ground.send(port, 20))
    await asyncio.sleep(0.3)
    async with ScriptedServer(port=port) as server:
        report = await sending

    assert report.is_clean
    assert sorted(recipients(server)) == everybody()


async def test_a_clock_set_back_while_a_relay_is_waited_for_lengthens_no_wait(ground: Ground) -> None:
    async with ScriptedServer() as gone:
        port = gone.port
    sending = asyncio.create_task(ground.send(port, 20, reconnect_delay=timedelta(seconds=0.5)))
    await asyncio.sleep(0.3)
    ground.clock.ahead = -timedelta(days=1)
    async with ScriptedServer(port=port) as server:
        report = await asyncio.wait_for(sending, 60)  # else it would take a day

    assert report.is_clean
    assert sorted(recipients(server)) == everybody()


async def test_a_relay_that_stays_away_leaves_everybody_planned(ground: Ground) -> None:
    async with ScriptedServer() as gone:
        port = gone.port

    report = await ground.send(port)

    assert report.account.states == {State.PLANNED: 10}
    assert report.progress.relay_away is not None
    assert "smtp.host" in report.progress.relay_away
    assert not report.is_clean


async def test_a_relay_that_refuses_the_session_pauses_at_once(ground: Ground) -> None:
    async with listening(GREETING="554 5.7.1 go away") as server:
        report = await ground.send(server, 60)

    assert report.progress.alarm is not None
    assert report.account.states == {State.PLANNED: 10}


async def test_a_relay_that_closes_at_once_on_everything_counts_as_away(store: Store, tmp_path: Path) -> None:
    plan(store, 60)
    async with listening(MAIL=CLOSE) as server:
        report = await Ground(store, tmp_path).send(server)

    assert report.progress.relay_away is not None
    assert report.account.states[State.PLANNED] >= 40
    assert report.account.balances


async def test_a_relay_that_closes_after_each_message_loses_nothing(ground: Ground) -> None:
    async with listening(CONTENT="250 2.0.0 taken\r\n421 4.7.0 enough") as server:
        report = await ground.send(server)
        assert report.account.open == 0

    assert sorted(recipients(server)) == everybody()


async def test_fewer_connections_than_offered_are_enough(ground: Ground) -> None:
    server = ScriptedServer()
    server.script["GREETING"] = lambda _: "421 4.7.0 too many" if server.open > 1 else "220 hello"
    async with server:
        report = await ground.send(server)

    assert report.is_clean
    assert sorted(recipients(server)) == everybody()


@pytest.mark.slow
@pytest.mark.parametrize("deed", [CLOSE, STALL])
async def test_a_lost_answer_is_resent_once_then_held_and_alarmed(
    store: Store, tmp_path: Path, deed: str
) -> None:
    plan(store, 40)
    ground = Ground(store, tmp_path)
    async with listening(CONTENT=deed) as server:
        for _ in range(40):
            report = await ground.send(server)
            if not report.account.states.get(State.PLANNED):
                break

    assert report.account.balances
    assert report.account.states == {State.IN_DOUBT: 40}
    assert report.account.held == 40
    got = recipients(server)
    assert {got.count(address) for address in everybody(40)} == {2}


async def test_more_lost_answers_than_a_crash_could_leave_pause_the_send(
    store: Store, tmp_path: Path
) -> None:
    plan(store, 40)
    async with listening(CONTENT=CLOSE) as server:
        report = await Ground(store, tmp_path).send(server)

    assert report.progress.alarm is not None
    assert report.progress.verdicts[Verdict.UNKNOWN] <= 2 * 3 + 3


async def test_with_hold_nobody_gets_a_second_copy(ground: Ground) -> None:
    async with listening(CONTENT=lambda to: CLOSE if to == "p3@example.net" else "250 ok") as server:
        await ground.send(server, in_doubt=DoubtPolicy.HOLD)
        report = await ground.send(server, in_doubt=DoubtPolicy.HOLD)

    assert sorted(recipients(server)) == everybody()
    assert (ground.rows())[3] == (State.IN_DOUBT, True, 1)
    assert report.account.held == 1


async def test_what_a_dead_sender_had_in_hand_comes_back(ground: Ground) -> None:
    with ground.store.writing() as connection:
        ledger.register_sender(connection, sender="dead", host="here", pid=1, now=NOW)
    rows = await claim(ground.store, sender="dead", limit=3)
    assert await intend(ground.store, rows[0], sender="dead")

    async with listening() as server:
        report = await ground.send(server)

    assert (report.progress.recovered, report.progress.doubtful) == (2, 1)
    assert sorted(recipients(server)) == everybody()
    assert (ground.rows())[1] == (State.ACCEPTED, False, 1)


async def test_what_a_living_sender_has_in_hand_is_left_alone(ground: Ground) -> None:
    with ground.store.writing() as connection:
        ledger.register_sender(connection, sender="frozen", host="here", pid=1, now=NOW)
    await claim(ground.store, sender="frozen", limit=3)

    with SenderLocks(ground.folder).hold("frozen") as held:
        assert held
        async with listening() as server:
            report = await ground.send(server)

    assert len(recipients(server)) == 7
    assert report.in_other_hands == 3
    assert not report.is_clean


async def test_a_sender_that_lost_its_claim_sends_nothing_more(ground: Ground) -> None:
    with ground.store.writing() as connection:
        ledger.register_sender(connection, sender="thawed", host="here", pid=1, now=NOW)
    (row,) = await claim(ground.store, sender="thawed", limit=1)
    with ground.store.writing() as connection:
        ledger.recover(connection, dead="thawed", policy=DoubtPolicy.RESEND, now=NOW)
    (again,) = await claim(ground.store, sender="new", limit=1)

    assert again.id == row.id
    assert not await intend(ground.store, row, sender="thawed")
    assert await intend(ground.store, again, sender="new")


async def test_told_to_stop_it_finishes_what_is_under_way(store: Store, tmp_path: Path) -> None:
    plan(store, 200)
    ground = Ground(store, tmp_path)
    stop = asyncio.Event()

    async with listening() as server:
        sending = asyncio.create_task(
            ground.sending(server, stop=stop, drain_timeout=timedelta(seconds=5)).send(timedelta(0))
        )
        await server.has_taken(5)
        stop.set()
        report = await sending
        assert report.stopped
        assert report.account.states.get(State.IN_DOUBT, 0) == 0
        assert report.account.states.get(State.CLAIMED, 0) == 0
        assert 0 < report.account.states[State.PLANNED] < 200
        await ground.send(server)

    assert sorted(recipients(server)) == everybody(200)


async def test_told_to_stop_before_a_silent_relay_it_lists_the_doubt(ground: Ground) -> None:
    stop = asyncio.Event()
    ground.timeouts = replace(TIMEOUTS, content_s=60)
    async with listening(CONTENT=STALL) as server:
        sending = ground.sending(server, stop=stop, in_doubt=DoubtPolicy.HOLD)
        task = asyncio.create_task(sending.send(timedelta(0)))
        await server.has_taken(3)
        stop.set()
        report = await task

    assert report.account.states == {State.IN_DOUBT: 3, State.PLANNED: 7}
    assert report.account.held == 3


async def test_a_clock_that_is_set_back_doubles_nothing(ground: Ground) -> None:
    async with listening() as server:
        await ground.send(server)
        ground.clock.ahead = -timedelta(days=1)
        report = await ground.send(server)

    assert report.is_clean
    assert sorted(recipients(server)) == everybody()


async def test_an_account_that_lost_a_row_does_not_balance(ground: Ground) -> None:
    with ground.store.writing() as connection:
        connection.execute("DELETE FROM deliveries WHERE subscriber_id = 4")

    async with listening() as server:
        report = await ground.send(server)

    assert not report.account.balances
    assert not report.is_clean


async def test_a_ledger_that_cannot_be_written_stops_before_the_relay_hears_of_it(ground: Ground) -> None:
    class Torn(People):
        looked_up = 0

        def recipients(
            self, connection: Connection, rows: Sequence[ClaimedDelivery]
        ) -> Mapping[int, Recipient | Skip]:
            self.looked_up += any(row.subscriber_id == 3 for row in rows)
            if self.looked_up > 1 and any(row.subscriber_id == 3 for row in rows):  # with its intent
                connection.execute("UPDATE senders SET no_such_column = 1")
            return super().recipients(connection, rows)

    ground.people = Torn()
    async with listening() as server:
        with pytest.raises(Exception, match="no_such_column"):
            await ground.send(server)
        assert "p3@example.net" not in recipients(server)
        ground.people = People()
        report = await ground.send(server)

    assert report.is_clean
    assert sorted(recipients(server)) == everybody()


async def test_a_reason_never_holds_an_address(ground: Ground) -> None:
    async with listening(RCPT=lambda to: f"550 5.1.1 <{to}>: no such user") as server:
        await ground.send(server)

    with ground.store.reading() as connection:
        reasons = accounts.count_reasons(connection, *ISSUE)
    assert reasons == {("rejected", "rcpt: 550 5.1.1 (address): no such user"): 10}


@pytest.mark.parametrize("pipelining", [Pipelining.SAFE, Pipelining.OFF])
@pytest.mark.parametrize("word", ["421 maximum message count per session reached", "421 4.3.2 bye"])
async def test_a_relay_that_ends_each_session_after_some_messages_is_met_again_at_once(
    ground: Ground, pipelining: Pipelining, word: str
) -> None:
    ground.pipelining = pipelining
    taken = dict[int, int]()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 test\r\n")
        key, taken[id(writer)] = id(writer), 0
        while line := await reader.readline():
            verb = line[:4].upper()
            if verb == b"EHLO":
                writer.write(b"250-test\r\n250 PIPELINING\r\n")
            elif verb == b"MAIL" and taken[key] >= 3:
                writer.write(word.encode() + b"\r\n")
                break
            elif verb == b"DATA":
                writer.write(b"354 go on\r\n")
                await reader.readuntil(b"\r\n.\r\n")
                taken[key] += 1
                writer.write(b"250 2.0.0 taken\r\n")
            else:
                writer.write(b"250 2.0.0 ok\r\n")
        await writer.drain()
        writer.close()

    async with loopback(serve) as port:
        report = await ground.send(port, connections=1)

    assert report.is_clean
    assert report.account.states == {State.ACCEPTED: 10}
    assert report.progress.paced is None
    assert len(taken) == 4

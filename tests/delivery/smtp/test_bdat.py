"""Several contents in flight: each reply given to its own message, and nobody harmed by another's."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from sse_digest.delivery.job import MessageRequest, Recipient
from sse_digest.delivery.options import Pipelining
from sse_digest.errors import SseDigestError
from sse_digest.model.deliveries import State, Verdict
from sse_digest.store import Store
from sse_digest.store.sending.deliveries import ClaimedDelivery
from tests.delivery.ground import Ground, People, everybody, plan
from tests.loopback import loopback
from tests.options import relay_limits, relay_timeouts
from tests.smtp_server import CLOSE, DEEDS, Answer, ScriptedServer, listening, recipients

CHUNKING = "250-test\r\n250-PIPELINING\r\n250-CHUNKING\r\n250 8BITMIME"
QUICK = relay_timeouts(connect_s=2, command_s=0.3, data_s=0.3, content_s=0.3, reset_s=0.2, quit_s=0.2)
PEOPLE = 20


class Named(People):
    """People whose deliveries each have an envelope sender of their own."""

    def sender(self, row: ClaimedDelivery, recipient: Recipient) -> str:
        del recipient
        return f"p{row.subscriber_id}@example.net"


class Dotted(People):
    """People whose mail has lines that begin with a dot, and does not end a line."""

    async def content(self, *about: object) -> tuple[bytes, ...]:
        del about
        return (b"Subject: x\r\n\r\n", b"..\r\n.\r\nend.\r\n.")


class Watched(People):
    """People who note how many mails are written together."""

    def __init__(self) -> None:
        super().__init__()
        self.together: list[int] = []

    async def contents(self, wanted: Sequence[MessageRequest]) -> Sequence[Sequence[bytes] | SseDigestError]:
        self.together.append(len(wanted))
        return await super().contents(wanted)


@pytest.fixture
def ground(store: Store, tmp_path: Path) -> Ground:
    plan(store, PEOPLE)
    return Ground(store, tmp_path / "senders", timeouts=QUICK, pipelining=Pipelining.FULL)


def verbs(server: ScriptedServer, name: str) -> int:
    return sum(command.split()[0] == name for command in server.commands)


async def test_everybody_gets_it_once_and_all_but_the_first_are_streamed(ground: Ground) -> None:
    async with listening(EHLO=CHUNKING) as server:
        report = await ground.send(server, connections=1)

    assert report.is_clean
    assert sorted(recipients(server)) == everybody(PEOPLE)
    assert server.connections == 1
    assert (verbs(server, "DATA"), verbs(server, "BDAT")) == (1, PEOPLE - 1)


async def test_mails_are_written_together_but_where_each_waits_for_its_turn(ground: Ground) -> None:
    ground.people = quick = Watched()
    ground.people.unwritable = {7}  # it fails alone
    async with listening(EHLO=CHUNKING) as server:
        await ground.send(server, connections=1)
        assert max(quick.together) > 1
        assert sorted(recipients(server)) == sorted(set(everybody(PEOPLE)) - {"p7@example.net"})

        ground.people = slow = Watched()
        ground.limits = relay_limits(max_per_second=200)
        ground.clock.ahead = timedelta(hours=1)
        with ground.store.writing() as connection:
            connection.execute("UPDATE deliveries SET state = 'planned', due = NULL")
        await ground.send(server, connections=1)

    assert set(slow.together) == {1}


async def test_contents_are_written_as_they_are(ground: Ground) -> None:
    ground.people = Dotted()
    async with listening(EHLO=CHUNKING) as server:
        await ground.send(server, connections=1)

    streamed = [taken.content for taken in server.taken][1:]
    assert set(streamed) == {b"Subject: x\r\n\r\n..\r\n.\r\nend.\r\n."}


@pytest.mark.parametrize("ehlo", [CHUNKING, CHUNKING.replace("250-CHUNKING\r\n", "")])
async def test_only_where_it_is_wanted_and_offered(ground: Ground, ehlo: str) -> None:
    ground.pipelining = Pipelining.FULL if "CHUNKING" not in ehlo else Pipelining.SAFE
    async with listening(EHLO=ehlo) as server:
        report = await ground.send(server, connections=1)

    assert report.is_clean
    assert verbs(server, "BDAT") == 0


async def test_never_more_than_depth_are_in_flight(ground: Ground) -> None:
    """A relay that falls silent has been handed `depth` contents, and no more."""
    ground.depth = 4
    async with listening(EHLO=CHUNKING) as server:

        def content(_to: str) -> str:
            return "250 ok" if len(server.taken) < 2 else "(stall)"

        server.script["CONTENT"] = content
        report = await ground.send(server, connections=1)

    assert report.account.states[State.ACCEPTED] == 2
    assert report.progress.verdicts[Verdict.UNKNOWN] == 4
    assert report.account.balances


async def test_refusals_stay_with_their_own_recipients(ground: Ground) -> None:
    bad = {"p3@example.net", "p4@example.net", "p8@example.net", "p20@example.net"}
    full = "452 4.2.2 mailbox full"
    script: dict[str, Answer] = {
        "RCPT": lambda to: "550 5.1.1 unknown" if to in bad else "250 ok",
        "CONTENT": lambda to: full if to == "p11@example.net" else "250 ok",
    }
    async with listening(EHLO=CHUNKING, **script) as server:
        report = await ground.send(server, connections=1)

    assert report.account.states == {State.ACCEPTED: PEOPLE - 5, State.REJECTED: 4, State.DEFERRED: 1}
    assert ground.dead() == [3, 4, 8, 20]
    assert (ground.rows())[11][0] == State.DEFERRED
    assert server.connections == 1
    assert all(taken.content.startswith(f"To: {taken.recipient}".encode()) for taken in server.taken)


@pytest.mark.parametrize("answer", ["250 ok", "451 4.3.0 later", "354 go on"])
async def test_after_a_refused_recipient_only_a_5xx_may_answer_its_content(
    ground: Ground, answer: str
) -> None:
    """Anything else means that replies and messages no longer fit: DATA from then on, nothing doubled."""
    script: dict[str, Answer] = {
        "RCPT": lambda to: "550 5.1.1 unknown" if to == "p5@example.net" else "250 ok",
        "NOBODY": answer,
    }
    async with listening(EHLO=CHUNKING, **script) as server:
        report = await ground.send(server, connections=1)
        server.script.pop("NOBODY")
        streamed = verbs(server, "BDAT")
        ground.clock.ahead = timedelta(hours=1)
        after = await ground.send(server, connections=1)

    rows = ground.rows()
    assert rows[5][0] == State.REJECTED
    assert report.account.balances
    assert after.account.states[State.ACCEPTED] == PEOPLE - 1
    assert streamed < PEOPLE  # DATA took over
    assert all(recipients(server).count(f"p{n}@example.net") <= 1 + rows[n][2] for n in rows)


@pytest.mark.slow
async def test_a_421_defers_everything_behind_it_and_leaves_no_doubt(ground: Ground) -> None:
    told: list[str] = []

    def content(to: str) -> str:
        if to == "p6@example.net" and not told:
            told.append(to)
            return "421 4.3.2 going down"
        return "250 ok"

    async with listening(EHLO=CHUNKING, CONTENT=content) as server:
        report = await ground.send(server, connections=1)

    assert report.progress.verdicts[Verdict.UNKNOWN] == 0
    assert report.account.states[State.DEFERRED] >= 1
    assert len(recipients(server)) == len(set(recipients(server)))


async def test_a_connection_that_ends_leaves_only_what_was_in_flight_in_doubt(ground: Ground) -> None:
    ended: list[str] = []

    def content(to: str) -> str:
        if to == "p9@example.net" and not ended:
            ended.append(to)
            return CLOSE
        return "250 ok"

    async with listening(EHLO=CHUNKING, CONTENT=content) as server:
        await ground.send(server, connections=1)
        doubts = {n for n, (_, _, doubts) in (ground.rows()).items() if doubts}
        ground.clock.ahead = timedelta(hours=1)
        report = await ground.send(server, connections=1)

    assert 9 in doubts
    assert len(doubts) <= ground.depth
    assert report.account.balances
    assert set(recipients(server)) == set(everybody(PEOPLE))
    assert all(recipients(server).count(f"p{n}@example.net") <= 1 + (n in doubts) for n in range(PEOPLE))


@pytest.mark.parametrize("deed", list(DEEDS))
@pytest.mark.parametrize("phase", ["RSET", "MAIL", "RCPT", "CONTENT"])
async def test_a_fault_in_any_phase_loses_nobody_and_doubles_only_what_was_in_doubt(
    ground: Ground, phase: str, deed: str
) -> None:
    to = "p9@example.net"
    asked: list[str] = []

    def answer(about: str) -> str:
        asked.append(about)
        is_his = len(asked) == 9 if phase == "RSET" else about == to  # RSET names nobody
        return DEEDS[deed] if is_his else "250 2.0.0 ok"

    ground.people = Named()
    async with listening(EHLO=CHUNKING, **{phase: answer}) as server:
        report = await ground.send(server, connections=1)
        server.script.pop(phase)
        ground.clock.ahead = timedelta(hours=1)
        after = await ground.send(server, connections=1)

    rows, got = ground.rows(), Counter(recipients(server))
    assert asked
    assert report.account.balances
    assert after.account.balances
    for n, (state, held, doubts) in rows.items():
        copies = got[f"p{n}@example.net"]
        assert copies <= 1 + doubts
        assert copies or held or state == State.REJECTED
        assert state != State.ACCEPTED or copies
    rejected = {n for n, (state, _, _) in rows.items() if state == State.REJECTED}
    assert rejected == ({9} if deed == "5xx" and phase in {"RCPT", "CONTENT"} else set())


async def test_a_relay_that_does_not_know_bdat_after_all_is_given_data(ground: Ground) -> None:
    """It announced CHUNKING but reads BDAT as no command: the contents are then lines it cannot read, too."""
    got: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 test\r\n")
        inside, to = False, ""
        while line := await reader.readline():
            verb = line[:4].upper()
            if inside:
                inside = line != b".\r\n"
                if not inside:
                    got.append(to)
                    writer.write(b"250 ok\r\n")
            elif verb == b"EHLO":
                writer.write(CHUNKING.encode() + b"\r\n")
            elif verb == b"DATA":
                inside = True
                writer.write(b"354 go on\r\n")
            elif verb in {b"MAIL", b"RCPT", b"RSET", b"QUIT"}:
                to = line.decode().partition("<")[2].partition(">")[0]
                writer.write(b"250 ok\r\n")
            else:
                writer.write(b"500 5.5.1 unknown\r\n")
        writer.close()

    async with loopback(serve) as port:
        await ground.send(port, connections=1)
        ground.clock.ahead = timedelta(days=1)
        report = await ground.send(port, connections=1)

    doubts = {n: doubts for n, (_, _, doubts) in (ground.rows()).items()}
    assert report.account.balances
    assert sum(doubts.values()) <= ground.depth
    assert all(got.count(f"p{n}@example.net") <= 1 + doubts[n] for n in doubts)
    assert set(got) == set(everybody(PEOPLE))

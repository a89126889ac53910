"""Envelopes that go ahead of their turn: every reply still belongs to its own recipient."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from sse_digest.delivery.job import Recipient
from sse_digest.model.deliveries import State, Verdict
from sse_digest.store import Store
from sse_digest.store.sending.deliveries import ClaimedDelivery
from tests.delivery.ground import Ground, People, everybody, plan
from tests.loopback import loopback
from tests.options import relay_timeouts
from tests.smtp_server import CLOSE, DEEDS, Answer, ScriptedServer, listening, recipients

PIPELINING = "250-test\r\n250-PIPELINING\r\n250 8BITMIME"
QUICK = relay_timeouts(connect_s=2, command_s=0.3, data_s=0.3, content_s=0.3, reset_s=0.2, quit_s=0.2)


class Named(People):
    """People whose deliveries each have an envelope sender of their own."""

    def sender(self, row: ClaimedDelivery, recipient: Recipient) -> str:
        del recipient
        return f"p{row.subscriber_id}@bounces.example.org"


@pytest.fixture
def ground(store: Store, tmp_path: Path) -> Ground:
    plan(store, 10)
    return Ground(store, tmp_path / "senders", people=Named(), timeouts=QUICK)


@dataclass
class Postfix:
    """What a Postfix does with a refused recipient: it keeps the transaction until RSET."""

    refused: frozenset[str]
    data_after_refusal: str = "554 5.5.1 Error: no valid recipients"
    is_open: bool = False
    has_recipient: bool = False
    nested: list[str] = field(default_factory=list)

    def script(self) -> dict[str, Answer]:
        return {
            "EHLO": PIPELINING,
            "MAIL": self.mail,
            "RCPT": self.rcpt,
            "DATA": self.data,
            "CONTENT": self.content,
            "RSET": self.reset,
        }

    def mail(self, sender: str) -> str:
        if self.is_open:
            self.nested.append(sender)
            return "503 5.5.1 Error: nested MAIL command"
        self.is_open = True
        return "250 2.1.0 Ok"

    def rcpt(self, to: str) -> str:
        self.has_recipient = to not in self.refused
        return "250 2.1.5 Ok" if self.has_recipient else f"550 5.1.1 {to} unknown"

    def data(self, to: str) -> str:
        return "354 End data with <CR><LF>.<CR><LF>" if self.has_recipient else self.data_after_refusal

    def content(self, to: str) -> str:
        self.is_open = False
        return f"250 2.0.0 Ok {to}" if self.has_recipient else "554 5.5.1 Error: no valid recipients"

    def reset(self, about: str) -> str:
        self.is_open = False
        return "250 2.0.0 Ok"


async def test_everybody_gets_it_once(ground: Ground) -> None:
    async with listening(EHLO=PIPELINING) as server:
        report = await ground.send(server)

    assert sorted(recipients(server)) == everybody()
    assert report.is_clean
    assert server.connections <= 3


async def test_the_next_envelope_follows_the_content_in_the_same_write(ground: Ground) -> None:
    chunks: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 test\r\n")
        while chunk := await reader.read(1 << 16):
            chunks.append(chunk)
            for command in chunk.split(b"\r\n")[:-1]:
                answers = {b"EHLO": PIPELINING.encode(), b"DATA": b"354 go", b"QUIT": b"221 bye"}
                if command[:4] in {b"EHLO", b"MAIL", b"RCPT", b"DATA", b"QUIT"} or command == b".":
                    writer.write(answers.get(command[:4], b"250 ok") + b"\r\n")
        writer.close()

    async with loopback(serve) as port:
        report = await ground.send(port, connections=1)

    assert report.is_clean
    first = [chunk for chunk in chunks if chunk.startswith((b"MAIL", b"RCPT", b"DATA"))]
    assert [chunk[:4] for chunk in first[:3]] == [b"MAIL", b"RCPT", b"DATA"]  # the first one synchronous
    assert first[3].count(b"\r\n") == 3  # the second in a group
    chained = [chunk for chunk in chunks if b"\r\n.\r\nMAIL FROM:<" in chunk]
    assert len(chained) == 8
    assert all(chunk.endswith(b"\r\nDATA\r\n") for chunk in chained)


@pytest.mark.parametrize("after", ["554 5.5.1 Error: no valid recipients", "354 go on all the same"])
async def test_a_refused_recipient_harms_no_innocent_one(ground: Ground, after: str) -> None:
    bad = frozenset({"p3@example.net", "p4@example.net", "p8@example.net"})
    postfix = Postfix(refused=bad, data_after_refusal=after)
    async with listening(**postfix.script()) as server:
        report = await ground.send(server, connections=1)

    assert report.is_clean
    assert report.account.states == {State.ACCEPTED: 7, State.REJECTED: 3}
    assert ground.dead() == [3, 4, 8]
    assert sorted(recipients(server)) == [one for one in everybody() if one not in bad]
    assert postfix.nested == []
    assert server.connections == 1
    assert all(taken.content.startswith(f"To: {taken.recipient}".encode()) for taken in server.taken)


async def test_an_empty_message_is_never_sent_to_an_accepted_recipient(ground: Ground) -> None:
    script: dict[str, Answer] = {"MAIL": lambda sender: "250 ok" if "p5@" not in sender else "451 4.3.0 no"}
    async with listening(EHLO=PIPELINING, **script) as server:
        report = await ground.send(server, connections=1)

    assert report.account.states == {State.ACCEPTED: 9, State.DEFERRED: 1}
    assert all(taken.content for taken in server.taken)
    assert "p5@example.net" not in recipients(server)


async def test_after_a_421_what_was_announced_behind_it_goes_over_another_session(ground: Ground) -> None:
    def content(to: str) -> str:
        return "421 4.3.2 shutting down" if to == "p4@example.net" else "250 ok"

    async with listening(EHLO=PIPELINING, CONTENT=content) as server:
        report = await ground.send(server, connections=1)

    assert report.account.states == {State.ACCEPTED: 9, State.DEFERRED: 1}
    assert ground.rows()[4][0] == State.DEFERRED


async def test_a_relay_that_closes_after_some_messages_loses_and_doubles_nothing(ground: Ground) -> None:
    server = ScriptedServer(script={"EHLO": PIPELINING})
    counts: Counter[int] = Counter()

    def mail(sender: str) -> str:
        counts[server.connections] += 1
        return CLOSE if counts[server.connections] == 4 else "250 ok"

    server.script["MAIL"] = mail
    async with server:
        report = await ground.send(server, connections=1)

    assert report.is_clean
    assert sorted(recipients(server)) == everybody()


async def test_a_surprise_makes_the_next_messages_synchronous(ground: Ground) -> None:
    asked: list[str] = []

    def rcpt(to: str) -> str:
        asked.append(to)
        return "250 ok\r\n250 and once more" if to == "p5@example.net" else "250 ok"

    async with listening(EHLO=PIPELINING, RCPT=rcpt) as server:
        report = await ground.send(server, connections=1)

    assert report.account.balances
    assert report.account.states == {State.ACCEPTED: 9, State.DEFERRED: 1}
    assert sorted(recipients(server)) == [one for one in everybody() if one != "p5@example.net"]


async def test_somebody_who_leaves_between_envelope_and_content_gets_nothing(ground: Ground) -> None:
    left: list[str] = []

    def rcpt(to: str) -> str:
        if to == "p5@example.net" and not left:
            left.append(to)
            ground.people.leave(5)
        return "250 ok"

    async with listening(EHLO=PIPELINING, RCPT=rcpt) as server:
        report = await ground.send(server, connections=1)

    assert left
    assert report.is_clean
    assert report.account.states == {State.ACCEPTED: 9, State.SKIPPED: 1}
    assert "p5@example.net" not in recipients(server)
    assert all(taken.content for taken in server.taken)


async def test_whoever_changes_the_address_meanwhile_gets_it_there(ground: Ground) -> None:
    def rcpt(to: str) -> str:
        if to == "p5@example.net":
            ground.people.move(5, "new@example.net")
        return "250 ok"

    async with listening(EHLO=PIPELINING, RCPT=rcpt) as server:
        report = await ground.send(server, connections=1)

    assert report.is_clean
    assert sorted(recipients(server)) == sorted({*everybody(), "new@example.net"} - {"p5@example.net"})


@pytest.mark.parametrize("ehlo", [PIPELINING, "250 test"], ids=["safe", "one-by-one"])
@pytest.mark.parametrize("deed", list(DEEDS))
@pytest.mark.parametrize("phase", ["MAIL", "RCPT", "DATA", "CONTENT"])
async def test_a_fault_in_any_phase_stays_with_its_own_recipient(
    ground: Ground, ehlo: str, phase: str, deed: str
) -> None:
    usual = "354 go on" if phase == "DATA" else "250 2.0.0 ok"
    script: dict[str, Answer] = {phase: lambda about: DEEDS[deed] if about.startswith("p5@") else usual}
    async with listening(EHLO=ehlo, **script) as server:
        report = await ground.send(server, connections=2)
        ground.clock.ahead = timedelta(hours=1)
        server.script.pop(phase)
        after = await ground.send(server, connections=2)

    rows = ground.rows()
    got = Counter(recipients(server))
    assert report.account.balances
    assert after.account.balances
    assert all(got[address] >= 1 for address in everybody() if address != "p5@example.net")
    assert all(got[f"p{n}@example.net"] <= 1 + doubts for n, (_, _, doubts) in rows.items())
    assert {state for n, (state, _, _) in rows.items() if n != 5} == {State.ACCEPTED}
    if deed == "5xx" and phase != "MAIL":
        assert rows[5][0] == State.REJECTED
    elif (
        phase == "CONTENT" and deed == "half a reply"
    ):  # a pipelined reply may complete it, and be missed later
        assert rows[5][2] >= 1 or got["p5@example.net"] == 1
    elif phase == "CONTENT" and deed not in {"4xx", "421"}:
        assert rows[5][2] >= 1
        assert report.progress.verdicts[Verdict.UNKNOWN] >= 1
    else:
        assert rows[5][0] == State.ACCEPTED
        assert got["p5@example.net"] == 1


@pytest.mark.parametrize("ehlo", ["250 test", "250-test\r\n250 PIPELINING"], ids=["one-by-one", "pipelined"])
@pytest.mark.parametrize("refusal", ["552 5.2.2 full", "452 4.2.2 over quota"])
async def test_a_message_refused_at_its_end_and_kept_open_harms_nobody_else(
    ground: Ground, ehlo: str, refusal: str
) -> None:
    """As Postfix does after `smtpd_end_of_data_restrictions`: the next MAIL is nested."""
    is_open = False

    def clear(_: str) -> str:
        nonlocal is_open
        is_open = False
        return "220 hello" if not _ else "250 ok"

    def content(to: str) -> str:
        nonlocal is_open
        is_open = to in {"p3@example.net", "p4@example.net", "p9@example.net"}
        return refusal if is_open else "250 ok"

    def mail(_: str) -> str:
        return "503 5.5.1 nested MAIL command" if is_open else "250 ok"

    async with listening(EHLO=ehlo, GREETING=clear, RSET=clear, CONTENT=content, MAIL=mail) as server:
        report = await ground.send(server, connections=1)

    states = {number for number, (state, _, _) in (ground.rows()).items() if state != State.ACCEPTED}
    assert states == {3, 4, 9}
    assert report.progress.refused_ours == 0
    assert report.progress.attempted == 10

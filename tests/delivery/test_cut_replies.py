"""Replies that come in crumbs, or end anywhere: each is whose it is, nobody is lost or gets a third copy."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from sse_digest.delivery.job import Recipient
from sse_digest.delivery.options import Pipelining
from sse_digest.model.deliveries import State, Verdict
from sse_digest.store import open_store
from sse_digest.store.sending.deliveries import ClaimedDelivery
from tests.delivery.ground import Ground, People, everybody, plan
from tests.loopback import loopback
from tests.options import relay_timeouts

OFFERS = b"250-test\r\n250-PIPELINING\r\n250-CHUNKING\r\n250 8BITMIME\r\n"
QUICK = relay_timeouts(connect_s=2, command_s=0.3, data_s=0.3, content_s=0.3, reset_s=0.2, quit_s=0.2)
PEOPLE = 8
VICTIM = "p4@example.net"
ENVELOPE = {b"MAIL": b"250 2.1.0 ok\r\n", b"RCPT": b"250 2.1.5 ok\r\n", b"QUIT": b"221 bye\r\n"}
GO_ON = b"354 go on\r\n"
REPLIES = ENVELOPE[b"MAIL"] + ENVELOPE[b"RCPT"] + GO_ON + b"250 2.0.0 taken\r\n"  # all that a mail gets
HIS = 4  # the victim's number
STEP = {"ci": 9, "full": 1}  # so many bytes further each time


@dataclass
class CuttingServer:
    """Takes everything; writes so many bytes of what it has to say about the victim's mail, and then ends."""

    left: int | None = None  # bytes it still says, once the victim was named; None: all
    stalls: bool = False  # it falls silent, and stays; else it hangs up
    crumb: int = 1 << 16  # bytes in one packet, at most
    keeps_last: bool = True  # whether it says that it took a content; else it hangs up
    taken: list[str] = field(default_factory=list)
    connections: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            await self._talk(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _say(self, writer: asyncio.StreamWriter, reply: bytes, *, is_cut: bool = False) -> None:
        if is_cut and self.left is not None:
            reply, self.left = reply[: self.left], self.left - len(reply[: self.left])
        for start in range(0, len(reply), self.crumb):
            writer.write(reply[start : start + self.crumb])
            await writer.drain()
            if self.crumb < len(reply):
                await asyncio.sleep(0)
        if is_cut and self.left == 0:
            self.left = None  # once
            if self.stalls:
                await asyncio.sleep(3600)
            raise ConnectionResetError

    async def _take(self, writer: asyncio.StreamWriter, to: str, *, is_his: bool) -> None:
        self.taken.append(to)
        if not self.keeps_last:
            raise ConnectionResetError
        await self._say(writer, b"250 2.0.0 taken\r\n", is_cut=is_his)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._say(writer, b"220 test\r\n")
        to, is_his = "", False
        while line := await reader.readline():
            verb = line[:4].upper()
            if verb == b"MAIL":  # whose it is, its RCPT tells; its sender names the same person
                is_his = VICTIM.encode() in line
            if verb == b"RCPT":
                to = line.decode().partition("<")[2].partition(">")[0]
            if verb == b"DATA":
                await self._say(writer, GO_ON, is_cut=is_his)
                await reader.readuntil(b"\r\n.\r\n")
                await self._take(writer, to, is_his=is_his)
            elif verb == b"BDAT":
                await reader.readexactly(int(line.split()[1]))
                await self._take(writer, to, is_his=is_his)
            elif verb == b"EHLO":
                await self._say(writer, OFFERS)
            else:
                is_cut = is_his and verb in {b"MAIL", b"RCPT"}
                await self._say(writer, ENVELOPE.get(verb, b"250 ok\r\n"), is_cut=is_cut)


@asynccontextmanager
async def cutting(**how: object) -> AsyncIterator[tuple[CuttingServer, int]]:
    server = CuttingServer(**how)  # type: ignore[arg-type] # its fields
    async with loopback(server.serve) as port:
        yield server, port


class Named(People):
    """People whose deliveries each have an envelope sender of their own."""

    def sender(self, row: ClaimedDelivery, recipient: Recipient) -> str:
        del recipient
        return f"p{row.subscriber_id}@example.net"


async def send_twice(folder: Path, port: int, pipelining: Pipelining) -> dict[int, tuple[str, bool, int]]:
    """Send, and send again a day later; the account balances both times."""
    with open_store(f"sqlite:///{folder}/db") as store:
        plan(store, PEOPLE)
        ground = Ground(store, folder / "senders", people=Named(), timeouts=QUICK, pipelining=pipelining)
        assert (await ground.send(port, connections=1)).account.balances
        ground.clock.ahead = timedelta(days=1)
        assert (await ground.send(port, connections=1)).is_clean
        return ground.rows()


@pytest.mark.parametrize("crumb", [1, 2, 7])
@pytest.mark.parametrize("pipelining", list(Pipelining))
async def test_replies_in_crumbs_are_whole_replies(
    tmp_path: Path, pipelining: Pipelining, crumb: int
) -> None:
    async with cutting(crumb=crumb) as (server, port):
        rows = await send_twice(tmp_path, port, pipelining)

    assert sorted(server.taken) == everybody(PEOPLE)
    assert {state for state, _, _ in rows.values()} == {State.ACCEPTED}
    assert server.connections == 1


@pytest.mark.slow
@pytest.mark.parametrize("stalls", [False, True], ids=["hangs up", "falls silent"])
@pytest.mark.parametrize("pipelining", list(Pipelining))
async def test_replies_that_end_anywhere(
    tmp_path: Path,
    pipelining: Pipelining,
    stalls: bool,
    effort: str,
    proof: Callable[[str, str], None],
) -> None:
    streams = pipelining is Pipelining.FULL
    replies = REPLIES.replace(GO_ON, b"") if streams else REPLIES
    handed_over = 0 if streams else REPLIES.index(GO_ON) + len(GO_ON)
    places = sorted({*range(0, len(replies), STEP[effort] * (1 + stalls)), len(replies) - 1, len(replies)})
    for place in places:
        (folder := tmp_path / str(place)).mkdir()
        async with cutting(left=place, stalls=stalls) as (server, port):
            rows = await send_twice(folder, port, pipelining)
        got = Counter(server.taken)
        doubts = {number: count for number, (_, _, count) in rows.items() if count}
        assert set(got) == set(everybody(PEOPLE))
        assert all(got[f"p{number}@example.net"] <= 1 + rows[number][2] for number in rows)
        assert max(doubts.values(), default=0) <= 1
        if not streams and place == handed_over and not stalls:
            # It hung up with its reply to DATA and took nothing; it was written to if that was seen late.
            assert set(doubts) <= {HIS}
            assert got[VICTIM] == 1
        elif not streams:
            assert doubts == ({HIS: 1} if handed_over <= place < len(replies) else {})
            assert got[VICTIM] == 1 + (HIS in doubts)
        elif place == len(replies):
            assert rows[HIS] == (State.ACCEPTED, False, 0)
    proof(
        f"replies that end anywhere, {'in silence' if stalls else 'with the connection'}, {pipelining}",
        f"{len(places)} places: nobody missing, a second copy only of what was in doubt, no third",
    )


@pytest.mark.parametrize("pipelining", list(Pipelining))
async def test_a_relay_that_always_loses_the_last_reply_is_resent_to_once_then_paused(
    tmp_path: Path, pipelining: Pipelining
) -> None:
    with open_store(f"sqlite:///{tmp_path}/db") as store:
        async with cutting(keeps_last=False) as (server, port):
            plan(store, 3 * PEOPLE)
            ground = Ground(
                store, tmp_path / "senders", people=Named(), timeouts=QUICK, pipelining=pipelining
            )
            alarms = 0
            for _ in range(3 * PEOPLE):
                report = await ground.send(port, connections=1, depth=ground.depth)
                assert report.account.balances
                assert report.progress.verdicts[Verdict.UNKNOWN] <= 4 * ground.depth
                alarms += report.progress.alarm is not None
                if not report.account.states.get(State.PLANNED):
                    break

    assert alarms
    assert report.account.states == {State.IN_DOUBT: 3 * PEOPLE}
    assert report.account.held == 3 * PEOPLE
    assert set(Counter(server.taken).values()) == {2}

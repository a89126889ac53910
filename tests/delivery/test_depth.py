"""How many contents are in flight: as many as wanted; one after a lost connection, then more and more."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from sse_digest.delivery.options import Pipelining
from sse_digest.model.deliveries import State
from sse_digest.store import open_store
from tests.delivery.ground import Ground, everybody, plan
from tests.loopback import loopback
from tests.options import relay_timeouts

PEOPLE = 120
DEPTH = 8
PATIENCE_S = 0.03  # so long it waits for one more before it answers
ANSWERS = {b"EHLO": b"250-test\r\n250-PIPELINING\r\n250 CHUNKING\r\n", b"DATA": b"354 go on\r\n"}


@dataclass
class WaitingServer:
    """Answers contents only when no further one comes, so that it sees how many were in flight."""

    closes_at: int  # contents taken on the first connection after which it hangs up once
    taken: list[str] = field(default_factory=list)
    flights: list[list[int]] = field(default_factory=list)  # by connection, the most first seen together

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        flights: list[int] = []
        self.flights.append(flights)
        try:
            await self._talk(reader, writer, flights)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _talk(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, flights: list[int]
    ) -> None:
        writer.write(b"220 test\r\n")
        to, held, contents = "", b"", 0
        while True:
            try:
                line = await asyncio.wait_for(reader.readline(), PATIENCE_S if contents else 60)
            except TimeoutError:  # now all of them are here: their answers, and those behind them
                flights.append(contents)
                writer.write(held)
                held, contents = b"", 0
                continue
            verb = line[:4].upper()
            if not line or verb == b"QUIT":
                return
            if verb == b"RCPT":
                to = line.decode().partition("<")[2].partition(">")[0]
            if verb == b"BDAT":
                await reader.readexactly(int(line.split()[1]))
                if len(self.flights) == 1 and len(self.taken) == self.closes_at:
                    return
                self.taken.append(to)
                contents += 1
            held += ANSWERS.get(verb, b"250 ok\r\n")
            if not contents:
                writer.write(held)
                held = b""
            if verb == b"DATA":
                await reader.readuntil(b"\r\n.\r\n")
                self.taken.append(to)
                writer.write(b"250 ok\r\n")


@pytest.mark.slow
async def test_after_a_lost_connection_one_content_at_a_time_and_slowly_more_again(tmp_path: Path) -> None:
    server = WaitingServer(closes_at=30)
    timeouts = relay_timeouts(connect_s=5, command_s=5, data_s=5, content_s=5, reset_s=1, quit_s=1)
    with open_store(f"sqlite:///{tmp_path}/db") as store:
        async with loopback(server.serve) as port:
            plan(store, PEOPLE)
            ground = Ground(
                store, tmp_path / "senders", pipelining=Pipelining.FULL, depth=DEPTH, timeouts=timeouts
            )
            report = await ground.send(port, connections=1, depth=DEPTH)
            doubts = {f"p{n}@example.net": doubts for n, (_, _, doubts) in (ground.rows()).items()}

    before, after = server.flights
    assert max(before) == DEPTH
    assert set(after[:32]) == {1}
    assert max(after) > 1
    assert report.account.states == {State.ACCEPTED: PEOPLE}
    assert set(server.taken) == set(everybody(PEOPLE))
    assert all(server.taken.count(address) <= 1 + doubts[address] for address in doubts)

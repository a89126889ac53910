"""The counting server: an SMTP server on loopback that counts messages by recipient and forgets them.

It is the relay of a drill. It offers PIPELINING, CHUNKING, 8BITMIME, SIZE and SMTPUTF8, and waits a short
time before it replies to a content, so that a sender can be killed in between. It forwards nothing and
accepts all recipients.
"""

import asyncio
import contextlib
import random
import re
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

LOOPBACK = "127.0.0.1"
LONGEST_WAIT_S = 0.004  # before a message is counted, and again before the reply
SIZE_LIMIT = 64 * 1024 * 1024  # bytes of a message
_PATH = re.compile(rb"TO:\s*<([^>]*)>", re.IGNORECASE)
_SIMPLE = {
    b"EHLO": "250-sink.example\r\n250-PIPELINING\r\n250-CHUNKING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n"
    f"250 SIZE {SIZE_LIMIT}",
    b"HELO": "250 sink.example",
    b"NOOP": "250 2.0.0 ok",
}


@dataclass(slots=True)
class CountingSmtp:
    """The counts that all connections share."""

    chance: random.Random
    taken: Counter[str] = field(default_factory=Counter)  # address to copies
    open: int = 0  # number of open connections
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def twice(self) -> int:
        """The number of people with more than one copy."""
        return sum(count > 1 for count in self.taken.values())

    async def has_taken(self, count: int) -> None:
        """Wait until at least this many copies have been taken in total."""
        async with self._changed:
            await self._changed.wait_for(lambda: self.taken.total() >= count)

    async def at_rest(self) -> None:
        """Wait until all connections have ended and everything that a killed sender sent is read."""
        async with self._changed:
            await self._changed.wait_for(lambda: not self.open)

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until it ends."""
        self.open += 1
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                await _Session(self, reader, writer).run()
        finally:
            writer.close()
            self.open -= 1
            async with self._changed:
                self._changed.notify_all()

    async def take(self, recipients: list[str]) -> None:
        """Count a message for its recipients after a random delay, then delay again."""
        await asyncio.sleep(self.chance.random() * LONGEST_WAIT_S)
        self.taken.update(recipients)
        async with self._changed:
            self._changed.notify_all()
        await asyncio.sleep(self.chance.random() * LONGEST_WAIT_S)


class _Session:
    def __init__(
        self, sink: CountingSmtp, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.sink, self.reader, self.writer = sink, reader, writer
        self.recipients: list[str] = []

    async def run(self) -> None:
        await self.say("220 sink.example ESMTP")
        while True:
            line = (await self.reader.readuntil(b"\n")).strip()
            verb, _, rest = line.partition(b" ")
            if verb.upper() == b"QUIT":
                await self.say("221 2.0.0 bye")
                return
            await self.say(await self.answer(verb.upper(), rest))

    async def answer(self, verb: bytes, rest: bytes) -> str:
        if verb in _SIMPLE:
            return _SIMPLE[verb]
        if verb in {b"MAIL", b"RSET"}:
            self.recipients = []
            return "250 2.1.0 ok"
        if verb == b"RCPT" and (path := _PATH.match(rest)):
            self.recipients.append(path[1].decode(errors="replace"))
            return "250 2.1.5 ok"
        if verb == b"DATA" and self.recipients:
            await self.say("354 go on")
            while await self.reader.readuntil(b"\n") != b".\r\n":
                pass
            return await self.took()
        if verb == b"BDAT":
            return await self.chunk(rest)
        return "503 5.5.1 not now"

    async def chunk(self, rest: bytes) -> str:
        """Read a chunk (RFC 3030 section 2), even if it is refused; return the reply."""
        size, _, last = rest.partition(b" ")
        if not size.isdigit() or int(size) > SIZE_LIMIT:
            raise ConnectionError
        await self.reader.readexactly(int(size))
        if not self.recipients:
            return "503 5.5.1 no recipient"
        return await self.took() if last.upper() == b"LAST" else "250 2.0.0 go on"

    async def took(self) -> str:
        recipients, self.recipients = self.recipients, []
        await self.sink.take(recipients)
        return "250 2.0.0 taken"

    async def say(self, reply: str) -> None:
        self.writer.write(reply.encode() + b"\r\n")
        await self.writer.drain()


@asynccontextmanager
async def sinks(sink: CountingSmtp, count: int) -> AsyncIterator[tuple[int, ...]]:
    """Listen on this many free ports of loopback during the block; yield the ports."""
    async with contextlib.AsyncExitStack() as stack:
        ports = []
        for _ in range(count):
            server = await asyncio.start_server(sink.talk, LOOPBACK, 0)
            await stack.enter_async_context(server)
            ports.append(server.sockets[0].getsockname()[1])
        yield tuple(ports)

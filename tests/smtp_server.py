"""A scripted SMTP server on loopback: real bytes, any answer, any silence, in any phase.

A script maps a verb (GREETING, EHLO, AUTH, MAIL, RCPT, DATA, CONTENT, RSET, QUIT) to what the server
does there: reply lines as text, or one of CLOSE, RESET, STALL. It may be a function of the recipient.
"""

import asyncio
import base64
import contextlib
import re
import socket
import struct
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Self

from tests.loopback import loopback

CLOSE, RESET, STALL = "(close)", "(reset)", "(stall)"
Answer = str | Callable[[str], str]  # a function gets the recipient (or the command's argument)

DEFAULTS = {
    "GREETING": "220 test ESMTP",
    "EHLO": "250-test\r\n250 8BITMIME",
    "MAIL": "250 2.1.0 ok",
    "RCPT": "250 2.1.5 ok",
    "DATA": "354 go on",
    "CONTENT": "250 2.0.0 taken",
    "RSET": "250 2.0.0 reset",
    "QUIT": "221 2.0.0 bye",
    "NOBODY": "554 5.5.1 no valid recipients",  # DATA after a refused recipient
    "AUTH": "235 2.7.0 welcome",
}

DEEDS = {  # what can go wrong in any phase
    "4xx": "450 4.2.0 later",
    "5xx": "550 5.1.1 no such user",
    "421": "421 4.3.2 going down",
    "close": CLOSE,
    "reset": RESET,
    "stall": STALL,
    "garbage": "what?",
    "64 kB": "2" * 65_536,
    "wrong multi-line": "250-one\r\n550 two",
    "half a reply": "250-half",
}


@dataclass
class Taken:
    """One message the server took."""

    sender: str
    recipient: str
    content: bytes  # unstuffed, CRLF


@dataclass
class ScriptedServer:
    """The server. `taken` holds what it answered 2xx to, or meant to."""

    script: dict[str, Answer] = field(default_factory=dict)
    taken: list[Taken] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    connections: int = 0
    most_open: int = 0
    open: int = 0
    port: int = 0  # it listens on; 0: a free one
    _more: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def has_taken(self, count: int) -> None:
        """Wait until it has taken so many messages."""
        async with self._more:
            await self._more.wait_for(lambda: len(self.taken) >= count)

    async def __aenter__(self) -> Self:
        """Listen on the loopback."""
        self._listening = loopback(self._serve, port=self.port)
        self.port = await self._listening.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Stop listening and drop every connection."""
        await self._listening.__aexit__(None, None, None)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        try:
            await self._talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self.open -= 1
            writer.close()

    def _answer(self, verb: str, about: str) -> str:
        answer = self.script.get(verb, DEFAULTS.get(verb, "250 ok"))
        return answer(about) if callable(answer) else answer

    async def _say(self, writer: asyncio.StreamWriter, verb: str, about: str) -> str:
        return await self._write(writer, self._answer(verb, about))

    async def _write(self, writer: asyncio.StreamWriter, said: str) -> str:
        if said == STALL:
            await asyncio.sleep(3600)
        if said == RESET:
            writer.get_extra_info("socket").setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
            )
        if said in {CLOSE, RESET}:
            raise ConnectionResetError
        writer.write(said.encode() + b"\r\n")
        await writer.drain()
        return said

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._say(writer, "GREETING", "")
        sender = recipient = ""
        refused = False  # the last recipient
        while line := await reader.readline():
            command = line.decode().rstrip("\r\n")
            self.commands.append(command)
            verb = command.split(" ")[0].upper()
            about = (
                command.partition(":")[2].strip().split(">")[0].lstrip("<")
                if verb in {"MAIL", "RCPT"}
                else recipient
            )
            if verb == "MAIL":
                sender = about
            elif verb == "RCPT":
                recipient = about
            elif command.upper().startswith("AUTH LOGIN"):
                await self._login(reader, writer, command.split()[2:])
            if verb == "BDAT":
                content = await reader.readexactly(int(command.split()[1]))
                await self._end_content(writer, sender, recipient, content, is_refused=refused)
                continue
            if verb == "DATA" and refused and "DATA" not in self.script:
                said = await self._say(writer, "NOBODY", about)
            else:
                said = await self._say(writer, verb, about)
            if verb == "RCPT":
                refused = not said.startswith("2")
            if verb == "QUIT" or said.startswith("421"):
                return
            if verb == "DATA" and said.startswith("354"):
                content = await _content(reader)
                await self._end_content(writer, sender, recipient, content, is_refused=False)

    async def _end_content(
        self, writer: asyncio.StreamWriter, sender: str, recipient: str, content: bytes, *, is_refused: bool
    ) -> None:
        meant = self._answer("NOBODY" if is_refused else "CONTENT", recipient)
        if not is_refused and (meant.startswith("2") or meant in {CLOSE, RESET, STALL}):
            await self._take(Taken(sender, recipient, content))
        if (await self._write(writer, meant)).startswith("421"):
            raise ConnectionResetError

    async def _take(self, taken: Taken) -> None:
        async with self._more:
            self.taken.append(taken)
            self._more.notify_all()

    async def _login(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, given: list[str]
    ) -> None:
        self.commands.extend(base64.b64decode(name).decode() for name in given)
        for prompt in (b"Username:", b"Password:")[len(given) :]:
            writer.write(b"334 " + base64.b64encode(prompt) + b"\r\n")
            self.commands.append(base64.b64decode(await reader.readline()).decode())


async def _content(reader: asyncio.StreamReader) -> bytes:
    lines = []
    while (line := await reader.readline()) != b".\r\n":
        if not line:
            raise ConnectionResetError
        lines.append(line[1:] if line.startswith(b".") else line)
    return b"".join(lines)


@contextlib.asynccontextmanager
async def listening(**script: Answer) -> AsyncIterator[ScriptedServer]:
    """Return a server that follows the script."""
    async with ScriptedServer(script=script) as server:
        yield server


def recipients(server: ScriptedServer) -> list[str]:
    """Return the recipients of what the server took, in order."""
    return [taken.recipient for taken in server.taken]


def message_id(content: bytes) -> str:
    """Return the Message-ID of a message."""
    match = re.search(rb"^Message-ID: (\S+)", content, re.MULTILINE)
    assert match is not None
    return match[1].decode()

"""Our SMTP exchange without any account: what sending would cost without the ledger.

`python -m bench.bare CONFIG HOST PORT CONNECTIONS COUNT DEPTH` prints one JSON line. Every mail is written
as our own sender writes it, with its address, tokens, Message-ID and date. But no person is looked up,
nothing is read or written, only the first digit of a reply counts, and nothing is retried. With DEPTH 0
contents are sent by DATA, each followed by the next envelope; otherwise DEPTH contents at once by BDAT.
"""

import asyncio
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

from bench.ground import NOW, PERIOD, address_of, prepared
from bench.peers import HELO, Clock
from bench.places import SENDER
from sse_digest.app import App
from sse_digest.cli.context import Context
from sse_digest.digest.mail.message import MessageTemplate
from sse_digest.model.signed_tokens import TokenPurpose, mint


class Mails:
    """The mails for all recipients, one after the other."""

    def __init__(self, templates: Sequence[MessageTemplate], secrets: Sequence[bytes], count: int) -> None:
        self._templates, self._secrets = templates, secrets
        self._numbers = iter(range(1, count + 1))

    def next(self) -> tuple[str, tuple[bytes, ...]] | None:
        """Return the next address and its mail in pieces, or None at the end."""
        number = next(self._numbers, None)
        if number is None:
            return None
        token = mint(self._secrets, TokenPurpose.UNSUBSCRIBE, number=number, name="readers")
        left = mint(self._secrets, TokenPurpose.MESSAGE_ID, number=number, name=f"monthly/{PERIOD}")
        address = address_of(number)
        pieces = self._templates[number % len(self._templates)].pieces(
            address=address,
            message_id=f"<{left}@organisation.example>",
            date=NOW,
            unsubscribe_token=token,
        )
        return address, pieces


class Line(asyncio.Protocol):
    """One connection; `depth` 0 means DATA."""

    transport: asyncio.Transport

    def __init__(self, mails: Mails, depth: int) -> None:
        self._mails, self._depth = mails, depth
        self._rest = b""
        self._greeted = 0  # answers to the greeting and EHLO
        self._answers = 0  # to the oldest mail
        self._flying = 0
        self._content: tuple[bytes, ...] = ()
        loop = asyncio.get_running_loop()
        self.ready, self.done = loop.create_future(), loop.create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for the greeting."""
        transport = cast("asyncio.Transport", transport)  # uvloop's is of no asyncio class
        transport.set_write_buffer_limits(1 << 22)
        self.transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """End the connection, also if it is not finished."""
        if not self.done.done():
            self.done.set_exception(exc or ConnectionResetError("the sink hung up"))

    def data_received(self, data: bytes) -> None:
        """Read replies."""
        *lines, self._rest = (self._rest + data).split(b"\r\n")
        for line in lines:
            if line[3:4] == b"-":
                continue
            assert line[:1] in b"23", line
            if self._greeted < 2:
                self._greeted += 1
                if self._greeted == 1:
                    self.transport.write(f"EHLO {HELO}\r\n".encode())
                else:
                    self.ready.set_result(None)
                continue
            self._answers += 1
            if self._depth == 0 and self._answers == 3:  # 354: the content, and the next envelope behind it
                self._hand_over()
            elif self._answers == (3 if self._depth else 4):
                self._answers = 0
                self._flying -= 1
        if self._greeted == 2 and not self.done.done():
            self.go_on()

    def _hand_over(self) -> None:
        content = b"".join(self._content).replace(b"\r\n.", b"\r\n..")
        self._flying += 1
        self.transport.writelines([content, b".\r\n", self._envelope()])

    def _envelope(self) -> bytes:
        mail = self._mails.next()
        if mail is None:
            self._content = ()
            return b""
        address, self._content = mail
        return f"MAIL FROM:<{SENDER}>\r\nRCPT TO:<{address}>\r\nDATA\r\n".encode()

    def go_on(self) -> None:
        """Write as much as is allowed now."""
        if self._depth:
            self._fill()
        elif not self._content and not self._flying and (envelope := self._envelope()):
            self.transport.write(envelope)
        if not self._flying and not self._content and not self.done.done():
            self.done.set_result(None)

    def _fill(self) -> None:
        room = self._depth - self._flying
        if room < (self._depth + 1) // 2:
            return
        out: list[bytes] = []
        for _ in range(room):
            mail = self._mails.next()
            if mail is None:
                break
            address, pieces = mail
            size = sum(map(len, pieces))
            out.append(f"MAIL FROM:<{SENDER}>\r\nRCPT TO:<{address}>\r\nBDAT {size} LAST\r\n".encode())
            out += pieces
            self._flying += 1
        if out:
            self.transport.writelines(out)


async def send(
    app: App, place: tuple[str, int], connections: int, count: int, depth: int
) -> Mapping[str, float]:
    """Send to this many recipients; return the figures."""
    mails = Mails(prepared(app), app.settings.secret_keys(), count)
    loop = asyncio.get_running_loop()
    lines = [
        (await loop.create_connection(lambda: Line(mails, depth), *place))[1] for _ in range(connections)
    ]
    await asyncio.gather(*(line.ready for line in lines))
    clock = Clock()
    for line in lines:
        line.go_on()
    await asyncio.gather(*(line.done for line in lines))
    figures = clock.figures(count)
    for line in lines:
        line.transport.close()
    return figures


if __name__ == "__main__":
    config, host, port, connections, count, depth = sys.argv[1:]
    found = Context(Path(config)).run_async(
        lambda app: send(app, (host, int(port)), int(connections), int(count), int(depth)),
        is_busy=True,
    )
    print(json.dumps(found))

"""The protocol of an open SMTP session: write commands, then read the replies they produce, in order.

It takes over the transport from aiosmtplib, which reports every failure as "disconnected".
It never decides what a reply means.
"""

import asyncio
import contextlib
import socket
from collections import deque
from collections.abc import Sequence
from functools import lru_cache

from sse_digest.delivery.smtp.replies import TEXT_LIMIT, SmtpReply

LINE_LIMIT = 4096  # bytes; RFC 5321 section 4.5.3.1.5 asks for 512
REPLY_LIMIT = 64 * 1024  # bytes of one reply with all its lines
_SHORTEST = 3  # three digits
_USUAL = 128  # bytes of a line that may come again word for word
_QUICKACK = getattr(socket, "TCP_QUICKACK", None)  # Linux only, and for one reading only


class ConversationLostError(Exception):
    """The relay closed, fell silent or spoke no SMTP; `str()` says which.

    `written` says whether any part of the data had been written to the connection.
    """

    def __init__(self, message: str, *, written: bool) -> None:
        super().__init__(message)
        self.written = written


@lru_cache(maxsize=256)
def _whole_reply(line: bytes) -> SmtpReply | None:
    """Return a reply of one line, or None if the line is one of several, too long, or no reply."""
    code, rest = line[:_SHORTEST], line[_SHORTEST:]
    if len(line) > _USUAL or rest[:1] not in {b"", b" "} or not _is_code(code):
        return None
    return SmtpReply(int(code), rest[1:].decode("utf-8", "replace").strip())


def _is_code(code: bytes) -> bool:
    return len(code) == _SHORTEST and code.isdigit() and b"200" <= code <= b"599"


class SmtpProtocol(asyncio.Protocol):
    """The client's side of an open SMTP session. Not for concurrent use."""

    def __init__(self) -> None:
        self._transport: asyncio.WriteTransport | None = None
        self._rest = b""  # the beginning of a line
        self._lines: list[str] = []
        self._code: bytes | None = None
        self._size = 0
        self._replies: deque[SmtpReply] = deque()
        self._owed = 0  # replies that are still expected
        self._socket: socket.socket | None = None
        self._is_encrypted = False
        self._waiter: asyncio.Future[None] | None = None
        self._end: str | None = None  # why no more replies will come
        self._deadline = 0.0  # of the loop's clock, for the reply that is waited for
        self._alarm: asyncio.Handle | None = None  # one for many replies, see `_ring`
        self._rings_at = 0.0  # a handle of uvloop does not say when it is due

    def take_over(self, transport: asyncio.WriteTransport) -> None:
        """Continue the session on this transport; buffered input is dropped."""
        self._transport = transport
        self._socket = transport.get_extra_info("socket")
        self._is_encrypted = transport.get_extra_info("ssl_object") is not None
        transport.set_protocol(self)

    @property
    def is_over(self) -> bool:
        """Whether the session is over; an unsolicited reply ends it too."""
        return (
            self._spoke_unasked
            or self._end is not None
            or self._transport is None
            or self._transport.is_closing()
        )

    @property
    def _spoke_unasked(self) -> bool:
        return len(self._replies) + bool(self._lines) > self._owed

    def has_replies(self, count: int) -> bool:
        """Return whether this many replies can be read without waiting."""
        return len(self._replies) >= count

    async def ask(self, command: bytes, timeout_s: float) -> SmtpReply:
        """Write one command line (without CRLF) and read its reply.

        Raises:
            ConversationLostError: the session ended, or no complete reply came in time.
        """
        return await self.send(command + b"\r\n", timeout_s)

    async def send(self, data: bytes, timeout_s: float) -> SmtpReply:
        """Write bytes as they are and read one reply; the time covers both.

        Raises:
            ConversationLostError: the session ended, or no complete reply came in time.
        """
        self.write((data,), replies=1)
        return await self.read(timeout_s)

    def write(self, parts: Sequence[bytes], *, replies: int) -> None:
        """Write bytes unchanged, in one piece; `replies` of them are then expected, each read with `read`.

        Raises:
            ConversationLostError: the session ended; nothing was written.
        """
        if self.is_over or self._transport is None:
            why = self._end or "the relay sent an unsolicited reply"
            self.close()
            raise ConversationLostError(why, written=False)
        self._owed += replies
        if self._is_encrypted:  # each part would become a TLS record of its own
            self._transport.write(b"".join(parts))
        else:
            self._transport.writelines(parts)

    async def read(self, timeout_s: float) -> SmtpReply:
        """Read the next expected reply; the timeout also covers what is still being written.

        Raises:
            ConversationLostError: the session ended, or no complete reply came in time.
        """
        if not self._replies and self._end is not None:
            raise ConversationLostError(self._end, written=True)
        if not self._replies:
            loop = asyncio.get_running_loop()
            self._deadline = loop.time() + timeout_s
            if self._alarm is None or self._rings_at > self._deadline:
                self._set_alarm(loop)
            await self._reply(loop, timeout_s)
        self._owed -= 1
        return self._replies.popleft()

    def pass_over(self, codes: Sequence[int]) -> bool:
        """Read replies if exactly these codes have already arrived; otherwise read none and return False."""
        found = self._replies
        if len(found) < len(codes) or any(found[at].code != code for at, code in enumerate(codes)):
            return False
        for _ in codes:
            found.popleft()
        self._owed -= len(codes)
        return True

    def close(self) -> None:
        """Close the connection without QUIT."""
        self._finish("we closed the connection")
        self._replies.clear()
        if self._transport is not None:
            self._transport.abort()

    async def _reply(self, loop: asyncio.AbstractEventLoop, timeout_s: float) -> None:
        """Wait until a reply is there."""
        while not self._replies:
            if self._end is not None:
                raise ConversationLostError(self._end, written=True)
            if loop.time() >= self._deadline:
                self.close()
                raise ConversationLostError(f"no answer within {timeout_s:g} seconds", written=True)
            self._waiter = loop.create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None

    def _set_alarm(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        self._rings_at = self._deadline
        self._alarm = loop.call_at(self._deadline, self._ring, loop)

    def _ring(self, loop: asyncio.AbstractEventLoop) -> None:
        """Time out the current wait if it is overdue; otherwise check again when it will be."""
        self._alarm = None
        if self._waiter is None:
            return
        if loop.time() >= self._deadline:
            self._wake()
        else:
            self._set_alarm(loop)

    def data_received(self, data: bytes) -> None:
        """Collect lines into replies."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            if not self._take(line.rstrip(b"\r")):
                self._break("the relay's reply is not SMTP")
                return
        if len(self._rest) > LINE_LIMIT:
            self._break("the relay sent a line without end")
        if len(self._replies) < self._owed:
            self._acknowledge()
        if self._replies:
            self._wake()

    def eof_received(self) -> bool:
        """Record the end of input; an incomplete line is not a reply."""
        self._finish("the relay closed the connection")
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """Record why the connection ended."""
        self._finish(f"the connection was lost: {exc}" if exc else "the relay closed the connection")

    def _take(self, line: bytes) -> bool:
        if self._code is None and (reply := _whole_reply(line)) is not None:
            self._replies.append(reply)
            return True
        code, rest = line[:_SHORTEST], line[_SHORTEST:]
        self._size += len(line)
        if not _is_code(code) or rest[:1] not in {b"", b" ", b"-"} or self._code not in {None, code}:
            return False
        if len(line) > LINE_LIMIT or self._size > REPLY_LIMIT:
            return False
        self._code = code
        self._lines.append(rest[1:].decode("utf-8", "replace").strip())
        if rest[:1] != b"-":
            self._replies.append(SmtpReply(int(code), " / ".join(self._lines)[:TEXT_LIMIT]))
            self._lines, self._code, self._size = [], None, 0
        return True

    def _acknowledge(self) -> None:
        """Make the kernel acknowledge immediately.

        A relay that writes its replies one by one may hold the second back until the first is acknowledged
        (Nagle), and our kernel delays that by 40 ms while we have nothing to say.
        """
        if _QUICKACK is not None and self._socket is not None:
            with contextlib.suppress(OSError):  # not TCP: there is nothing to hurry
                self._socket.setsockopt(socket.IPPROTO_TCP, _QUICKACK, 1)

    def _break(self, why: str) -> None:
        self._rest = b""
        self._finish(why)
        if self._transport is not None:
            self._transport.abort()

    def _finish(self, why: str) -> None:
        if self._end is None:
            self._end = why
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

"""Write commands to an open SMTP session and read the replies in order.

The protocol takes over the transport from aiosmtplib, which reports every failure as "disconnected".
It does not interpret replies.
"""

import asyncio
import contextlib
import socket
from collections import deque
from collections.abc import Sequence
from functools import lru_cache

from sse_digest.delivery.smtp.replies import TEXT_LIMIT, SmtpReply

LINE_LIMIT = 4096  # bytes; RFC 5321 section 4.5.3.1.5 asks for 512
REPLY_LIMIT = 64 * 1024  # bytes of all lines of one reply
_SHORTEST = 3  # digits of a code
_USUAL = 128  # bytes; a line up to this length may come again word for word
_QUICKACK = getattr(socket, "TCP_QUICKACK", None)  # Linux only; it must be set again after each read


class ConversationLostError(Exception):
    """The session ended: the relay closed it, did not reply in time or did not speak SMTP.

    `str()` says which. `written` is False if none of the data was written to the connection.
    """

    def __init__(self, message: str, *, written: bool) -> None:
        super().__init__(message)
        self.written = written


@lru_cache(maxsize=256)
def _whole_reply(line: bytes) -> SmtpReply | None:
    """Return the reply that a line contains, or None if it is one of several, too long or not a reply."""
    code, rest = line[:_SHORTEST], line[_SHORTEST:]
    if len(line) > _USUAL or rest[:1] not in {b"", b" "} or not _is_code(code):
        return None
    return SmtpReply(int(code), rest[1:].decode("utf-8", "replace").strip())


def _is_code(code: bytes) -> bool:
    return len(code) == _SHORTEST and code.isdigit() and b"200" <= code <= b"599"


class SmtpProtocol(asyncio.Protocol):
    """The client side of an open SMTP session. Not for concurrent use."""

    def __init__(self) -> None:
        self._transport: asyncio.WriteTransport | None = None
        self._rest = b""  # an incomplete line
        self._lines: list[str] = []  # of an incomplete reply; `_code` and `_size` (bytes) are its own too
        self._code: bytes | None = None
        self._size = 0
        self._replies: deque[SmtpReply] = deque()  # complete, but not read yet
        self._owed = 0  # replies that are still expected
        self._socket: socket.socket | None = None
        self._is_encrypted = False
        self._waiter: asyncio.Future[None] | None = None
        self._end: str | None = None  # why no more replies will come
        self._deadline = 0.0  # for the reply that is being waited for, by the loop's clock
        self._alarm: asyncio.Handle | None = None  # one timer for many replies, see `_ring`
        self._rings_at = 0.0  # when the timer is due; a handle of uvloop does not tell

    def take_over(self, transport: asyncio.WriteTransport) -> None:
        """Continue the session on this transport. Buffered input is discarded."""
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
        """Write bytes unchanged and read one reply. The timeout covers both.

        Raises:
            ConversationLostError: the session ended, or no complete reply came in time.
        """
        self.write((data,), replies=1)
        return await self.read(timeout_s)

    def write(self, parts: Sequence[bytes], *, replies: int) -> None:
        """Write bytes unchanged, in one write.

        Args:
            parts: the bytes.
            replies: how many replies they cause. Read each with `read`.

        Raises:
            ConversationLostError: the session ended; nothing was written.
        """
        if self.is_over or self._transport is None:
            why = self._end or "the relay sent an unsolicited reply"
            self.close()
            raise ConversationLostError(why, written=False)
        self._owed += replies
        if self._is_encrypted:  # `writelines` would make a TLS record of each part
            self._transport.write(b"".join(parts))
        else:
            self._transport.writelines(parts)

    async def read(self, timeout_s: float) -> SmtpReply:
        """Return the next expected reply. The timeout also covers data that is still being written.

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
        """Read the next replies if they have arrived with exactly these codes.

        Return whether they were read; otherwise none is.
        """
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
        """Wait until a reply has arrived."""
        while not self._replies:
            if self._end is not None:
                raise ConversationLostError(self._end, written=True)
            if loop.time() >= self._deadline:
                self.close()
                raise ConversationLostError(f"no reply within {timeout_s:g} seconds", written=True)
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
        """Wake the reader if its deadline has passed; otherwise set the timer to the deadline."""
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
                self._break("the relay's reply is not valid SMTP")
                return
        if len(self._rest) > LINE_LIMIT:
            self._break("the relay sent a line that is too long")
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
        """Make the kernel acknowledge received data immediately.

        A relay that writes its replies one by one may hold the second back until the first is acknowledged
        (Nagle's algorithm), and our kernel delays an acknowledgement by 40 ms while we write nothing.
        """
        if _QUICKACK is not None and self._socket is not None:
            with contextlib.suppress(OSError):  # not a TCP socket
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

"""A protection that does not come about: no clear text afterwards, nobody is touched, and nothing hangs."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from sse_digest.delivery.options import Security
from sse_digest.delivery.smtp.connect import SmtpRelay
from sse_digest.delivery.smtp.unavailable import RelayUnavailableError
from sse_digest.model.deliveries import Phase
from tests.loopback import loopback
from tests.options import relay_options, relay_timeouts

QUICK = relay_timeouts(connect_s=0.5, command_s=0.5, data_s=0.5, content_s=0.5, reset_s=0.2, quit_s=0.2)
Deed = Callable[[asyncio.StreamWriter], object]


async def stall(writer: asyncio.StreamWriter) -> None:
    del writer
    await asyncio.sleep(3600)


async def close(writer: asyncio.StreamWriter) -> None:
    writer.close()


async def reset(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def garbage(writer: asyncio.StreamWriter) -> None:
    writer.write(b"what?\r\n" * 1000)
    await asyncio.sleep(3600)


async def half(writer: asyncio.StreamWriter) -> None:
    writer.write(b"\x16\x03\x03\x00\x7a")  # the head of a handshake record whose body never comes
    await asyncio.sleep(3600)


@asynccontextmanager
async def breaking(deed: Deed, *, at_once: bool) -> AsyncIterator[tuple[int, list[bytes]]]:
    """Serve until the handshake should begin; return the port and the bytes that came from then on."""
    heard: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not at_once:
            writer.write(b"220 test\r\n")
            await reader.readline()
            writer.write(b"250-test\r\n250-AUTH PLAIN\r\n250 STARTTLS\r\n")
            await reader.readline()
            writer.write(b"220 go on\r\n")
        listening = asyncio.ensure_future(listen(reader))
        try:
            await deed(writer)  # type: ignore[misc] # all of them are coroutines
            await listening
        finally:
            listening.cancel()
            writer.close()

    async def listen(reader: asyncio.StreamReader) -> None:
        try:
            while chunk := await reader.read(1 << 16):
                heard.append(chunk)
        except ConnectionError:
            pass

    async with loopback(serve) as port:
        yield port, heard


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
@pytest.mark.parametrize("deed", [stall, close, reset, garbage, half])
async def test_a_handshake_that_fails_is_told_and_nothing_is_said_in_clear(
    deed: Deed, security: Security
) -> None:
    at_once = security is Security.TLS
    async with breaking(deed, at_once=at_once) as (port, heard):
        relay = SmtpRelay(
            relay_options(
                host="127.0.0.1",
                port=port,
                security=security,
                username="anna",
                password="secret",
                helo="test",
                timeouts=QUICK,
            )
        )
        with pytest.raises(RelayUnavailableError) as caught:
            await relay.open()

    assert caught.value.phase is (Phase.CONNECT if at_once else Phase.STARTTLS)
    assert all(chunk.startswith((b"\x16\x03", b"\x15\x03")) for chunk in heard)  # TLS only
    assert "secret" not in str(caught.value)

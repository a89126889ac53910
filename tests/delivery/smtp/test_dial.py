"""A host with several addresses: real sockets on loopback, of which some swallow every packet."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from sse_digest.delivery.options import Security
from sse_digest.delivery.smtp.connect import SmtpRelay
from sse_digest.delivery.smtp.dial import dial
from sse_digest.delivery.smtp.unavailable import RelayUnavailableError
from tests.options import relay_options, relay_timeouts
from tests.smtp_server import ScriptedServer, listening

HOLE, CLOSED, GOOD = "127.0.0.2", "127.0.0.3", "127.0.0.1"


def resolve_to(monkeypatch: pytest.MonkeyPatch, port: int, *addresses: str) -> None:
    """Let every host name have these addresses."""

    async def found(*_: object, **__: object) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", found)


@contextlib.contextmanager
def hole(port: int) -> Iterator[None]:
    """Occupy a backlog of one, so that the kernel drops every further attempt to connect."""
    with contextlib.ExitStack() as stack:
        bound = stack.enter_context(socket.socket())
        bound.bind((HOLE, port))
        bound.listen(0)
        for _ in range(3):
            filler = stack.enter_context(socket.socket())
            filler.settimeout(0)
            with contextlib.suppress(BlockingIOError):
                filler.connect((HOLE, port))
        yield


def relay_to(server: ScriptedServer, *, connect_s: float = 20) -> SmtpRelay:
    options = relay_options(
        host="relay.example",
        port=server.port,
        security=Security.NONE,
        helo="test",
        timeouts=relay_timeouts(connect_s=connect_s, command_s=1, quit_s=0.2),
    )
    return SmtpRelay(options)


@pytest.mark.parametrize("others", [(HOLE,), (CLOSED,), (HOLE, CLOSED), (CLOSED, HOLE, HOLE)])
async def test_other_addresses_are_tried_while_one_does_not_answer(
    others: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with listening() as server:
        with hole(server.port):
            resolve_to(monkeypatch, server.port, *others, GOOD)
            session = await relay_to(server).open()
            await session.close()

    assert server.connections == 1


async def test_an_address_that_answers_is_not_raced_with_others(monkeypatch: pytest.MonkeyPatch) -> None:
    async with listening() as server:
        resolve_to(monkeypatch, server.port, GOOD, CLOSED)
        connection = await dial("relay.example", server.port)
        connection.socket.close()

    assert connection.address == GOOD


async def test_an_address_at_which_the_relay_is_sick_is_tried_last_the_next_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with listening() as well:
        with socket.socket() as deaf:
            deaf.bind((CLOSED, well.port))
            deaf.listen()
            resolve_to(monkeypatch, well.port, CLOSED, GOOD)
            relay = relay_to(well, connect_s=0.2)
            with pytest.raises(RelayUnavailableError):
                await relay.open()
            session = await relay.open()
            await session.close()

    assert well.connections == 1


async def test_a_host_none_of_whose_addresses_answers_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    async with listening() as server:
        pass
    resolve_to(monkeypatch, server.port, GOOD, CLOSED)

    with pytest.raises(RelayUnavailableError, match="refused") as caught:
        await relay_to(server).open()

    assert not caught.value.refused


async def test_a_connection_that_is_given_up_leaves_no_socket_open(monkeypatch: pytest.MonkeyPatch) -> None:
    async with listening() as server:
        with hole(server.port):
            resolve_to(monkeypatch, server.port, HOLE, HOLE)
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.1):
                    await dial("relay.example", server.port)  # an open socket is a warning, and so an error

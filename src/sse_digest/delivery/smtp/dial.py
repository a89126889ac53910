"""Connect to the first address of a host that answers (happy eyeballs, RFC 8305 section 5).

asyncio can do this itself, but uvloop cannot, and the extra `speed` replaces the one by the other.
"""

import asyncio
import contextlib
import os
import socket
from collections.abc import Collection, Sequence
from typing import NamedTuple

STAGGER_S = 0.25  # until the next address is tried too, as RFC 8305 section 5 recommends


class DialledConnection(NamedTuple):
    """A TCP connection, and the IP address at its other end."""

    socket: socket.socket
    address: str


class _Candidate(NamedTuple):
    family: int
    target: tuple[str | int | bytes, ...]


async def dial(host: str, port: int, *, last: Collection[str] = ()) -> DialledConnection:
    """Return a connection to one of a host's addresses.

    If an address has not answered within a quarter of a second, the next one is tried at the same time.

    Args:
        host: name or IP address.
        port: TCP port.
        last: addresses to try after all others.

    Raises:
        OSError: the host has no address, or none of its addresses accepts the connection.
    """
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    candidates = dict.fromkeys(_Candidate(family, target) for family, _, _, _, target in found)
    return await _first(sorted(candidates, key=lambda one: one.target[0] in last))


async def _first(candidates: Sequence[_Candidate]) -> DialledConnection:
    """Return the connection that is established first, and close the others."""
    waiting = list(candidates)
    open_tries: set[asyncio.Task[DialledConnection]] = set()
    failures: list[BaseException] = []
    try:
        while waiting or open_tries:
            if waiting:
                open_tries.add(asyncio.create_task(_connect(waiting.pop(0))))
            done, open_tries = await asyncio.wait(
                open_tries,
                timeout=STAGGER_S if waiting else None,
                return_when=asyncio.FIRST_COMPLETED,
            )
            connected = [one for one in done if one.exception() is None]
            for extra in connected[1:]:
                extra.result().socket.close()
            if connected:
                return connected[0].result()
            failures += [error for one in done if (error := one.exception()) is not None]
    finally:
        await _abandon(open_tries)
    raise OSError("; ".join(dict.fromkeys(map(_reason, failures))) or "the host has no address")


async def _connect(candidate: _Candidate) -> DialledConnection:
    opened = socket.socket(candidate.family, socket.SOCK_STREAM)
    try:
        opened.settimeout(0)
        await asyncio.get_running_loop().sock_connect(opened, candidate.target)
    except BaseException:
        opened.close()
        raise
    return DialledConnection(opened, str(candidate.target[0]))


async def _abandon(tries: Collection[asyncio.Task[DialledConnection]]) -> None:
    for one in tries:
        one.cancel()
    for one in tries:
        with contextlib.suppress(asyncio.CancelledError, OSError):
            (await one).socket.close()


def _reason(error: BaseException) -> str:
    """Return the system's words for an error; asyncio replaces them by its own."""
    number = error.errno if isinstance(error, OSError) else None
    return os.strerror(number) if number is not None else str(error)

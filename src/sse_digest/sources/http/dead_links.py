"""Check whether links still work, by requesting each address once, politely.

A link is dead only if its page is gone or its host does not exist. A server that refuses, is slow or fails
proves nothing. Connections go to public addresses only, as for pages that are read.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from http import HTTPStatus

import httpx2

from sse_digest.errors import SourceError, UnknownHostError
from sse_digest.sources.http.client import REDIRECTS, ask_hop, headers_for, next_target, target_of, transport
from sse_digest.sources.http.ssrf import Lookup, public_addresses
from sse_digest.sources.options import FetchOptions

_GONE = {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}
_HOSTS_AT_ONCE = 4
_FIRST_BYTE = ((b"Range", b"bytes=0-0"),)


async def dead_links(
    addresses: Collection[str],
    options: FetchOptions,
    *,
    lookup: Lookup = public_addresses,
    pause_s: float = 0.5,
) -> Mapping[str, str]:
    """Request addresses, and return the dead ones with the reason.

    Args:
        addresses: http or https.
        options: the limits for each request.
        lookup: looks up a host and checks its addresses.
        pause_s: seconds between requests to one host, which are made one after another.
    """
    by_host: dict[str, list[str]] = {}
    for address in dict.fromkeys(addresses):
        by_host.setdefault(_host(address), []).append(address)
    some = asyncio.Semaphore(_HOSTS_AT_ONCE)

    async def one_host(of_host: Sequence[str]) -> list[tuple[str, str]]:
        found = []
        async with some:
            for number, address in enumerate(of_host):
                if number:
                    await asyncio.sleep(pause_s)
                why = await _why_dead(address, options, lookup)
                if why:
                    found.append((address, why))
        return found

    found = await asyncio.gather(*map(one_host, by_host.values()))
    return dict(pair for pairs in found for pair in pairs)


def _host(address: str) -> str:
    try:
        return target_of(address).host
    except SourceError:
        return ""


async def _why_dead(address: str, options: FetchOptions, lookup: Lookup) -> str | None:
    """Return why an address is dead, or None if it may work; it is requested by HEAD, then by GET."""
    try:
        async with asyncio.timeout(options.timeout_s), transport() as opened:
            status = await _status(opened, address, options, lookup, method="HEAD")
            if status >= HTTPStatus.BAD_REQUEST:
                status = await _status(opened, address, options, lookup, method="GET", more=_FIRST_BYTE)
    except UnknownHostError:
        return "its host does not exist"
    except (SourceError, TimeoutError, httpx2.HTTPError, OSError):
        return None
    return f"answered {status}" if status in _GONE else None


async def _status(
    opened: httpx2.AsyncHTTPTransport,
    address: str,
    options: FetchOptions,
    lookup: Lookup,
    *,
    method: str,
    more: Sequence[tuple[bytes, bytes]] = (),
) -> int:
    """Return the status of an address after its redirects, which are followed as in `client.fetch`."""
    target, status = target_of(address), 0
    for _ in range(options.max_redirects + 1):
        response = await ask_hop(
            opened, target, [*headers_for(target, options), *more], options, lookup, method=method
        )
        status = response.status_code
        try:
            if status not in REDIRECTS:
                break
            target = next_target(response, target)
        finally:
            await response.aclose()
    return status

"""Fetch one page over HTTP: a plain GET, bounded in time, size and redirects, from public addresses only.

The name is looked up once for each hop and the connection goes to an address that was checked, so that a
name which changes its address in between (DNS rebinding) gains nothing. It never sends cookies, a
referrer or a password, never asks a proxy, and never follows a redirect unchecked.
"""

import asyncio
import re
import zlib
from collections.abc import Mapping
from contextlib import suppress
from email.message import Message
from http import HTTPStatus

import httpx2

from sse_digest.errors import SourceError
from sse_digest.sources.addresses import Lookup, any_addresses, public_addresses
from sse_digest.sources.options import FetchOptions
from sse_digest.sources.page import Page

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PORTS: Mapping[str, int] = {"http": 80, "https": 443}
_TRIED_ADDRESSES = 4  # of one host, before it counts as unreachable
_CHARSET = re.compile(r"[\w.:-]{1,40}", re.ASCII)
_GZIP = 16 + zlib.MAX_WBITS
_HINTS: Mapping[int, str] = {
    401: "The page asks for a password; this program reads public pages only.",
    403: "The server refuses this program; ask the publisher, or give a contact in the user agent.",
    404: "Check the address; the page may have moved.",
    410: "The page was taken down; look for its successor.",
    429: "The server asks for fewer visits; try again later.",
}


async def fetch(
    url: str, options: FetchOptions, *, allow_private_hosts: bool = False, lookup: Lookup | None = None
) -> Page:
    """Get the page at `url`, following redirects.

    Args:
        url: http or https, without user name and password.
        options: the bounds; the time is for everything together, the size for the body once unpacked.
        allow_private_hosts: also read from addresses that are not public.
        lookup: how a host is looked up and judged; None: by `allow_private_hosts`.

    Raises:
        SourceError: anything but a whole answer 200 with a body; the message says what, where and what to do.
    """
    chosen = lookup or (any_addresses if allow_private_hosts else public_addresses)
    try:
        async with asyncio.timeout(options.timeout_s), _transport() as transport:
            return await _follow(transport, url, options, chosen)
    except TimeoutError as error:
        raise SourceError(
            f"{url} did not give its whole answer within {options.timeout_s:g} s. Try again later."
        ) from error
    except (httpx2.HTTPError, OSError) as error:
        reason = str(error) or type(error).__name__
        raise SourceError(
            f"{url} could not be fetched: {reason}. Check the address and the connection."
        ) from error


def _transport() -> httpx2.AsyncHTTPTransport:
    return httpx2.AsyncHTTPTransport(http2=False, limits=httpx2.Limits(max_keepalive_connections=0))


async def _follow(
    transport: httpx2.AsyncHTTPTransport, url: str, options: FetchOptions, lookup: Lookup
) -> Page:
    target = _target(url)
    for _ in range(options.max_redirects + 1):
        response = await _get(transport, target, options, lookup)
        try:
            if response.status_code not in _REDIRECTS:
                return await _page(response, target, options)
            target = _next_target(response, target)
        finally:
            await response.aclose()
    raise SourceError(
        f"{url} was redirected more than {options.max_redirects} times, last to {target}. "
        "Set the source to the page's real address."
    )


def _target(url: str) -> httpx2.URL:
    try:
        target = httpx2.URL(url)
    except (httpx2.InvalidURL, ValueError) as error:
        raise SourceError(
            f"{url!r} is not a web address ({error}). Write it as https://host/page."
        ) from error
    if target.scheme not in _PORTS or not target.host:
        raise SourceError(f"{url!r} is not an http or https address. Write it as https://host/page.")
    if not 0 < (target.port or _PORTS[target.scheme]) < 65536:
        raise SourceError(f"{url!r} names a port that does not exist. Ports go from 1 to 65535.")
    if target.userinfo:
        raise SourceError(f"The address of {target.host} carries a user name or password. Take it out.")
    return target.copy_with(fragment=None)


def _next_target(response: httpx2.Response, target: httpx2.URL) -> httpx2.URL:
    location = response.headers.get("location", "")
    if not location:
        raise SourceError(
            f"{target} was redirected ({response.status_code}) to no address. Look at the page in a browser."
        )
    try:
        joined = str(target.join(location))
    except (httpx2.InvalidURL, ValueError) as error:
        raise SourceError(
            f"{target} was redirected to {location[:200]!r}, which is no web address."
        ) from error
    return _target(joined)


async def _get(
    transport: httpx2.AsyncHTTPTransport, target: httpx2.URL, options: FetchOptions, lookup: Lookup
) -> httpx2.Response:
    """Ask for one hop, at the first of its checked addresses that takes the connection."""
    host = target.raw_host.decode("ascii")
    *others, last = (await lookup(host, target.port or _PORTS[target.scheme]))[:_TRIED_ADDRESSES]
    patience = {"connect": options.timeout_s / (len(others) + 1)}

    def request(address: str) -> httpx2.Request:
        at = target.copy_with(host=address)
        extensions = {"timeout": patience, "sni_hostname": host}
        return httpx2.Request("GET", at, headers=_headers(target, options), extensions=extensions)

    for address in others:
        with suppress(httpx2.ConnectError, httpx2.ConnectTimeout):
            return await transport.handle_async_request(request(address))
    return await transport.handle_async_request(request(last))


def _headers(target: httpx2.URL, options: FetchOptions) -> list[tuple[bytes, bytes]]:
    return [
        (b"Host", target.netloc),
        (b"User-Agent", options.user_agent.encode("latin-1", "replace")),
        (b"Accept", b"text/html, text/plain;q=0.9, */*;q=0.1"),
        (b"Accept-Encoding", b"gzip"),
        (b"Connection", b"close"),
    ]


async def _page(response: httpx2.Response, target: httpx2.URL, options: FetchOptions) -> Page:
    status = response.status_code
    if status != HTTPStatus.OK:
        hint = _HINTS.get(status) or (
            "Try again later." if status >= 500 else "Look at the page in a browser."
        )
        raise SourceError(f"{target} answered {status} {response.reason_phrase}".rstrip() + f". {hint}")
    data = await _body(response, target, options.max_bytes)
    if not data.strip():
        raise SourceError(
            f"{target} answered with an empty page. Look at it in a browser, and try again later."
        )
    header = Message()
    header["Content-Type"] = response.headers.get("content-type", "")
    stated = "content-type" in response.headers
    charset = header.get_param("charset", "")
    return Page(
        data=data,
        place=str(target),
        url=str(target),
        content_type=header.get_content_type() if stated else None,
        charset=str(charset).lower() if _CHARSET.fullmatch(str(charset)) else None,
    )


async def _body(response: httpx2.Response, target: httpx2.URL, limit: int) -> bytes:
    coding = response.headers.get("content-encoding", "identity").strip().lower()
    if coding not in {"", "identity", "gzip", "x-gzip"}:
        raise SourceError(
            f"{target} answered packed as {coding[:40]!r}, which was not asked for. Tell its publisher."
        )
    inflate = zlib.decompressobj(_GZIP) if coding.endswith("gzip") else None
    data = bytearray()
    try:
        async for chunk in response.aiter_raw():
            # Never unpack more than may be kept, however small the packed bytes are.
            data += inflate.decompress(chunk, limit + 1 - len(data)) if inflate else chunk
            if len(data) > limit:
                raise SourceError(
                    f"{target} is longer than {limit / 1_000_000:g} MB, so it was not read. "
                    "A news page is far shorter; check the address."
                )
            if inflate and inflate.eof:
                break
    except zlib.error as error:
        raise SourceError(f"{target} answered with damaged gzip data ({error}). Try again later.") from error
    if inflate and not inflate.eof:
        raise SourceError(f"{target} broke off in the middle of its answer. Try again later.")
    return bytes(data)

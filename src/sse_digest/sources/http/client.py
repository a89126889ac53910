"""Fetch one page over HTTP from public addresses only, with limits on time, size and redirects.

The host is looked up once for each hop, and the connection goes to an address that was checked. Therefore a
host cannot change its address in between (DNS rebinding). This module never sends cookies, a referrer or a
password, never uses a proxy, and never follows a redirect unchecked.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from email.message import Message
from functools import partial
from http import HTTPStatus

import httpx2

from sse_digest.errors import SourceError
from sse_digest.sources.http.decompress import ACCEPTED, DecompressionError, Decompressor
from sse_digest.sources.http.ssrf import Lookup, addresses_at_home, public_addresses
from sse_digest.sources.options import FetchOptions
from sse_digest.sources.page import Page

Judge = Callable[[str], Awaitable[None]]
"""Waits until an address may be requested; raises SourceError if it may not be requested at all."""

REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PORTS: Mapping[str, int] = {"http": 80, "https": 443}
_TRIED_ADDRESSES = 4  # IP addresses of one host that are tried
_CHARSET = re.compile(r"[\w.:-]{1,40}", re.ASCII)
_PERMANENT = frozenset({301, 308})
_VALIDATOR = re.compile(r"[\x20-\x7e\x80-\xff]{1,1000}")
_HINTS: Mapping[int, str] = {
    401: "The page asks for a password; this program reads public pages only.",
    403: "The server refuses this program; ask its publisher, or set fetch.contact.",
    404: "Check the address; the page may have moved.",
    410: "The page was taken down; look for its new address.",
    429: "The server asks for fewer requests; try again later.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """The validators of a page, as its server sent them, for conditional requests (RFC 9110 8.8)."""

    etag: str | None = None
    last_modified: str | None = None


NO_VALIDATORS = Validators()


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """A server's answer."""

    page: Page | None  # None: the page has not changed (304)
    validators: Validators = NO_VALIDATORS  # for the next request
    moved_to: str | None = None  # the target of permanent redirects (301, 308); None: there were none


class HttpStatusError(SourceError):
    """A server answered with another status than 200, which is in `status`."""

    def __init__(self, message: str, *, status: int, retry_after: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.retry_after = retry_after  # the Retry-After header as it was sent, or None if there was none


async def fetch(
    url: str, options: FetchOptions, *, allow_private_hosts: bool = False, lookup: Lookup | None = None
) -> Page:
    """Get the page at `url`, following redirects.

    Args:
        url: http or https, without user name and password.
        options: the limits; the time-out is for the whole fetch, the size for the decompressed body.
        allow_private_hosts: allow addresses of this page's host that are not public.
        lookup: looks up a host and checks its addresses; None: according to `allow_private_hosts`.

    Raises:
        SourceError: there was no complete answer 200 with a body; the message says what to do.
    """
    answer = await ask(url, options, allow_private_hosts=allow_private_hosts, lookup=lookup)
    return _body_of(answer, url)


async def ask(
    url: str,
    options: FetchOptions,
    *,
    validators: Validators = NO_VALIDATORS,
    allow_private_hosts: bool = False,
    may_be_empty: bool = False,
    lookup: Lookup | None = None,
    judge: Judge | None = None,
) -> Response:
    """Request the page at `url`, following redirects; with validators, only if it has changed.

    Args:
        url: as for `fetch`, like `options`, `allow_private_hosts` and `lookup`.
        validators: of the known page; they are sent back unchanged.
        may_be_empty: whether an empty body is allowed.
        judge: is awaited before each redirect is followed; its time does not count towards the time-out.

    Raises:
        HttpStatusError: the status is not 200, nor 304 for a conditional request.
        SourceError: there was no complete answer; the message says what to do.
    """
    chosen = lookup or (lookup_for(url) if allow_private_hosts else public_addresses)
    try:
        async with asyncio.timeout(options.timeout_s) as time_left, transport() as opened:
            follow = partial(_judged, judge, time_left)
            return await _follow(opened, url, options, chosen, validators, follow, may_be_empty=may_be_empty)
    except TimeoutError as error:
        raise SourceError(
            f"{url} did not answer completely within {options.timeout_s:g} s. Try again later."
        ) from error
    except (httpx2.HTTPError, OSError) as error:
        reason = str(error) or type(error).__name__
        raise SourceError(
            f"{url} could not be fetched: {reason}. Check the address and the connection."
        ) from error


def _body_of(answer: Response, url: str) -> Page:
    if answer.page is None:
        raise AssertionError(f"{url} answered 304 to an unconditional request")
    return answer.page


def lookup_for(url: str) -> Lookup:
    """Return a lookup that allows any address for the host of `url`, but only public ones for other hosts.

    Raises:
        SourceError: as for `target_of`.
    """
    home = target_of(url)
    return addresses_at_home(home.raw_host.decode("ascii"), home.port or _PORTS[home.scheme])


async def _judged(judge: Judge | None, time_left: asyncio.Timeout, target: httpx2.URL) -> None:
    if judge is None:
        return
    clock, until = asyncio.get_running_loop().time, time_left.when()
    began = clock()
    time_left.reschedule(None)
    await judge(str(target))
    time_left.reschedule(None if until is None else until + clock() - began)


def transport() -> httpx2.AsyncHTTPTransport:
    """Return an HTTP transport that keeps no connections open."""
    return httpx2.AsyncHTTPTransport(http2=False, limits=httpx2.Limits(max_keepalive_connections=0))


async def _follow(
    transport: httpx2.AsyncHTTPTransport,
    url: str,
    options: FetchOptions,
    lookup: Lookup,
    validators: Validators,
    follow: Callable[[httpx2.URL], Awaitable[None]],
    *,
    may_be_empty: bool,
) -> Response:
    target = target_of(url)
    moved_to: httpx2.URL | None = None
    stays = True  # every redirect so far was permanent
    for _ in range(options.max_redirects + 1):
        response = await ask_hop(transport, target, headers_for(target, options, validators), options, lookup)
        try:
            if response.status_code not in REDIRECTS:
                page = await _page(response, target, options, validators, may_be_empty=may_be_empty)
                given = _validators(response)
                return Response(
                    # An answer 304 may leave out validators that have not changed.
                    page=page,
                    validators=validators if page is None and given == NO_VALIDATORS else given,
                    moved_to=None if moved_to is None else str(moved_to),
                )
            before, target = target, next_target(response, target)
            stays = stays and response.status_code in _PERMANENT
            if stays and (before.scheme, target.scheme) != ("https", "http"):
                moved_to = target
        finally:
            await response.aclose()
        await follow(target)
    raise SourceError(
        f"{url} was redirected more than {options.max_redirects} times, last to {target}. "
        "Set url to the page's final address."
    )


def _validators(response: httpx2.Response) -> Validators:
    """Return the validators in the answer that can be sent back unchanged."""
    raw = {name.lower(): value.decode("latin-1") for name, value in response.headers.raw}
    found = (raw.get(name, "") for name in (b"etag", b"last-modified"))
    etag, last_modified = (text if _VALIDATOR.fullmatch(text) else None for text in found)
    return Validators(etag=etag, last_modified=last_modified)


def target_of(url: str) -> httpx2.URL:
    """Return an address parsed, without its fragment.

    Raises:
        SourceError: it is not an http or https address, or contains a user name or password.
    """
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
        raise SourceError(f"The address of {target.host} contains a user name or password. Remove it.")
    return target.copy_with(fragment=None)


def next_target(response: httpx2.Response, target: httpx2.URL) -> httpx2.URL:
    """Return the target of a redirect.

    Raises:
        SourceError: as for `target_of`, or the redirect has no address.
    """
    location = response.headers.get("location", "")
    if not location:
        raise SourceError(
            f"{target} answered {response.status_code} without an address to redirect to. "
            "Look at the page in a browser."
        )
    try:
        joined = str(target.join(location))
    except (httpx2.InvalidURL, ValueError) as error:
        raise SourceError(
            f"{target} redirects to {location[:200]!r}, which is not a web address. "
            "Look at the page in a browser."
        ) from error
    return target_of(joined)


async def ask_hop(
    transport: httpx2.AsyncHTTPTransport,
    target: httpx2.URL,
    headers: list[tuple[bytes, bytes]],
    options: FetchOptions,
    lookup: Lookup,
    *,
    method: str = "GET",
) -> httpx2.Response:
    """Request one address without following redirects; connect to the first checked IP address that answers.

    Raises:
        SourceError: the host is unknown, or its addresses are not allowed.
        httpx2.HTTPError: there was no answer.
    """
    host = target.raw_host.decode("ascii")
    *others, last = (await lookup(host, target.port or _PORTS[target.scheme]))[:_TRIED_ADDRESSES]
    patience = {"connect": options.timeout_s / (len(others) + 1)}

    def request(address: str) -> httpx2.Request:
        at = target.copy_with(host=address)
        extensions = {"timeout": patience, "sni_hostname": host}
        return httpx2.Request(method, at, headers=headers, extensions=extensions)

    for address in others:
        with suppress(httpx2.ConnectError, httpx2.ConnectTimeout):
            return await transport.handle_async_request(request(address))
    return await transport.handle_async_request(request(last))


def headers_for(
    target: httpx2.URL, options: FetchOptions, validators: Validators = NO_VALIDATORS
) -> list[tuple[bytes, bytes]]:
    """Return the headers of a request, with the validators if there are any."""
    headers = [
        (b"Host", target.netloc),
        (b"User-Agent", options.user_agent.encode("latin-1", "replace")),
        (b"Accept", b"text/html, text/plain;q=0.9, */*;q=0.1"),
        (b"Accept-Encoding", ACCEPTED.encode("ascii")),
        (b"Connection", b"close"),
    ]
    conditions = ((b"If-None-Match", validators.etag), (b"If-Modified-Since", validators.last_modified))
    return headers + [(name, value.encode("latin-1")) for name, value in conditions if value is not None]


async def _page(
    response: httpx2.Response,
    target: httpx2.URL,
    options: FetchOptions,
    validators: Validators,
    *,
    may_be_empty: bool,
) -> Page | None:
    """Return the page in an answer, or None if it has not changed (304)."""
    status = response.status_code
    if status == HTTPStatus.NOT_MODIFIED and validators != NO_VALIDATORS:
        return None
    if status != HTTPStatus.OK:
        hint = _HINTS.get(status) or (
            "Try again later." if status >= 500 else "Look at the page in a browser."
        )
        raise HttpStatusError(
            f"{target} answered {status} {response.reason_phrase}".rstrip() + f". {hint}",
            status=status,
            retry_after=response.headers.get("retry-after"),
        )
    data = await _body(response, target, options.max_bytes)
    if not data.strip() and not may_be_empty:
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
    try:
        unpacking = Decompressor(response.headers.get("content-encoding", ""), limit)
        async for chunk in response.aiter_raw():
            unpacking.add(chunk)
            if unpacking.is_too_long:
                raise SourceError(
                    f"{target} is longer than {limit / 1_000_000:g} MB, so it was not read. "
                    "A news page is far shorter; check the address."
                )
            if unpacking.is_complete:
                break
    except DecompressionError as error:
        raise SourceError(f"{target} {error}.") from error
    if unpacking.broke_off:
        raise SourceError(f"{target} closed the connection in the middle of its answer. Try again later.")
    return bytes(unpacking.data)

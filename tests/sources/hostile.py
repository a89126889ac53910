"""One server with every behaviour that a host of news should not have, and the outcome that each must have.

The outcome is a number of items, or words of the problem that is told.
"""

import asyncio
import gzip
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import brotli
from backports import zstd

from tests.sources.serving import Answer, response

ITEMS = 3
PAGE = (
    b"<html><head><title>News</title></head><body>"
    + b"".join(
        b"<article><h2><a href='/%d'>What happened on day %d</a></h2><time>%d April 2023</time></article>"
        % (n, n, n)
        for n in range(9, 9 - ITEMS, -1)
    )
    + b"</body></html>"
)
LIMIT = 50_000
"""Bytes that a page may have here."""

_BOMB = 3_000_000
_XML = "application/xml"
_LAUGHS = b"".join(b"<!ENTITY l%d '%s'>" % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What the server does, and what becomes of it."""

    answer: Answer
    outcome: int | str
    kind: str = "html"


def says(*parts: bytes, pause: float = 0, ever: bytes = b"") -> Answer:
    """Write parts with a pause between them, then `ever` for ever."""

    async def answer(request: bytes, writer: asyncio.StreamWriter) -> None:
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(pause)
        while ever:
            writer.write(ever)
            await writer.drain()
            await asyncio.sleep(pause)

    return answer


async def hangs(request: bytes, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


async def cuts(request: bytes, writer: asyncio.StreamWriter) -> None:
    writer.write(response(PAGE)[:-200])
    await writer.drain()
    writer.transport.abort()


def html(title: bytes) -> bytes:
    return response(
        b"<html><head><title>" + title + b"</title></head><body><h1>" + title + b"</h1></body></html>"
    )


def packed(coding: str, body: bytes) -> bytes:
    return response(body, content_encoding=coding)


def chunked(*chunks: bytes) -> bytes:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n"
    return head + b"".join(chunks)


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def to(location: str, status: str = "302 Found") -> bytes:
    return response(b"", status, location=location)


def behaviours(port: int) -> Mapping[str, Behaviour]:
    """Return them by the path they stand at."""
    rows = (*_slow(), *_wrong(), *_packed(), *_elsewhere(port), *_pages())
    return {name: Behaviour(answer, outcome, *kind) for name, answer, outcome, *kind in rows}


_Rows = Iterator[tuple[str, Answer, int | str] | tuple[str, Answer, int | str, str]]


def _slow() -> _Rows:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
    yield "good", says(response(PAGE)), ITEMS
    yield "silence", hangs, "did not answer completely"
    yield "slow-header", says(*(bytes([byte]) for byte in head), pause=0.2), "did not answer completely"
    yield "endless-header", says(head, ever=b"X-More: " + b"x" * 2000 + b"\r\n"), "could not be fetched"
    yield "slow-body", says(head + b"\r\n", pause=0.2, ever=b"<p>"), "did not answer completely"
    yield "endless-body", says(head + b"\r\n", ever=b"<p>news</p>" * 500), "is longer than 0.05 MB"
    yield "endless-chunks", says(chunked(), ever=chunk(b"x" * 4000)), "is longer than 0.05 MB"
    yield "drip-after-whole-page", says(response(PAGE), pause=0.1, ever=b"x"), ITEMS


def _wrong() -> _Rows:
    yield "nothing", says(b""), "could not be fetched"
    yield "garbage", says(b"\x00\xff" * 500), "could not be fetched"
    yield "other-protocol", says(b"220 mail.example.org ESMTP\r\n"), "could not be fetched"
    yield "bad-status", says(b"HTTP/1.1 abc OK\r\n\r\n"), "could not be fetched"
    yield "cut-off", cuts, "could not be fetched"
    yield "length-too-long", says(response(PAGE, content_length=str(len(PAGE) + 9))), "could not be fetched"
    yield "length-too-short", says(response(PAGE, content_length=str(len(PAGE) - 90))), "has no end|no items"
    yield "length-no-number", says(response(PAGE, content_length="many")), "could not be fetched"
    yield "two-lengths", says(response(PAGE, content_length="5, 6")), "could not be fetched"
    yield "cut-chunk", says(chunked(b"fff\r\n" + PAGE)), "could not be fetched"
    yield "no-last-chunk", says(chunked(chunk(PAGE))), "could not be fetched"
    yield "chunk-no-number", says(chunked(b"zz\r\n" + PAGE)), "could not be fetched"
    yield (
        "many-headers",
        says(response(PAGE, **{f"x{n}": "y" * 50 for n in range(3000)})),
        "could not be fetched",
    )
    yield "null-in-header", says(response(PAGE, x_y="a\x00b")), "could not be fetched"
    yield "empty", says(response(b"")), "answered with an empty page"
    yield "blank", says(response(b" \r\n" * 90)), "answered with an empty page"
    yield "no-content", says(b"HTTP/1.1 204 No Content\r\n\r\n"), "answered 204"
    yield "partial", says(response(PAGE[:99], "206 Partial Content")), "answered 206"
    yield "same-unasked", says(response(b"", "304 Not Modified")), "answered 304"
    yield "asks-for-name", says(response(PAGE, "401 Unauthorized")), "asks for a password"
    yield "busy", says(response(PAGE, "429 Too Many Requests", retry_after="60")), "answered 429"
    yield (
        "closed-until",
        says(response(PAGE, "503 Closed", retry_after="Thu, 20 Apr 2023 13:00:00 GMT")),
        "answered 503",
    )
    yield "early-hints", says(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + response(PAGE)), ITEMS
    yield "cookies", says(response(PAGE, set_cookie="a=" + "b" * 4000)), ITEMS


def _packed() -> _Rows:
    zeros = b"\0" * _BOMB
    yield "gzip", says(packed("gzip", gzip.compress(PAGE))), ITEMS
    yield "brotli", says(packed("br", brotli.compress(PAGE))), ITEMS
    yield "zstd", says(packed("zstd", zstd.compress(PAGE))), ITEMS
    yield "gzip-bomb", says(packed("gzip", gzip.compress(zeros))), "is longer than"
    yield "brotli-bomb", says(packed("br", brotli.compress(zeros))), "is longer than"
    yield "zstd-bomb", says(packed("zstd", zstd.compress(zeros))), "is longer than"
    yield (
        "gzip-in-gzip",
        says(packed("gzip, gzip", gzip.compress(gzip.compress(PAGE)))),
        "which was not requested",
    )
    yield "deflate", says(packed("deflate", zlib.compress(PAGE))), "which was not requested"
    yield "gzip-cut", says(packed("gzip", gzip.compress(PAGE)[:-9])), "closed the connection in the middle"
    yield "brotli-cut", says(packed("br", brotli.compress(PAGE)[:-9])), "closed the connection in the middle"
    yield "zstd-cut", says(packed("zstd", zstd.compress(PAGE)[:-9])), "closed the connection in the middle"
    yield "not-gzip", says(packed("gzip", PAGE)), "damaged compressed data"
    yield "not-brotli", says(packed("br", PAGE)), "damaged compressed data"
    yield "not-zstd", says(packed("zstd", PAGE)), "damaged compressed data"


def _elsewhere(port: int) -> _Rows:
    here = f"http://news.example.org:{port}"
    yield "redirect", says(to("/good")), ITEMS
    yield "redirect-loop", says(to("/redirect-loop")), "redirected more than 5 times"
    yield "redirect-longer", says(to(f"{here}/redirect-longer?x")), "redirected more than 5 times"
    yield "redirect-nowhere", says(response(b"", "302 Found")), "without an address"
    inside = {
        "loopback": "127.0.0.1",
        "mapped": "[::ffff:7f00:1]",
        "loopback6": "[::1]",
        "number": "2130706433",
        "cloud": "169.254.169.254",
        "nat64": "[64:ff9b::7f00:1]",
        "private": "10.0.0.1",
        "rebound": "rebind.example.org",
    }
    for name, host in inside.items():
        yield f"redirect-{name}", says(to(f"http://{host}:{port}/good")), "is not a public address"
    yield "redirect-file", says(to("file:///etc/passwd", "301 Moved")), "is not an http or https address"
    yield "redirect-script", says(to("javascript:alert(1)")), "is not an http or https address"
    yield "redirect-password", says(to(f"http://a:b@news.example.org:{port}/good")), "contains a user name"
    yield "redirect-port", says(to("http://news.example.org:99999/")), "port|not a web address"


def _pages() -> _Rows:
    latin = PAGE.replace(b"happened", "arrivé à".encode("latin-1"))
    yield "wrong-charset", says(response(latin, content_type="text/html; charset=utf-8")), ITEMS
    yield "unknown-charset", says(response(PAGE, content_type="text/html; charset=x-none")), ITEMS
    yield "two-charsets", says(response(PAGE, content_type="text/html; charset=utf-16; charset=utf-8")), ITEMS
    yield "error-with-200", says(html(b"404 Not Found")), "error page"
    yield "cookie-wall", says(html(b"Before you continue")), "cookie wall"
    yield "sign-in", says(html(b"Please sign in")), "sign-in page"
    yield "challenge", says(html(b"Just a moment...")), "guard against robots"
    yield "image", says(response(b"\x89PNG\r\n\x1a\n\0\0", content_type="text/html")), "not text|no items"
    yield "deep", says(response(b"<div>" * 9000 + PAGE, content_type="text/html")), ITEMS
    feed = (
        b"<?xml version='1.0'?><!DOCTYPE r [<!ENTITY l0 'x'>"
        + _LAUGHS
        + b"]><rss><channel>&l9;</channel></rss>"
    )
    yield "laughs", says(response(feed, content_type=_XML)), "declares entities", "feed"
    yield (
        "deep-xml",
        says(response(b"<rss>" + b"<a>" * 9000, content_type=_XML)),
        "nests elements deeper",
        "feed",
    )
    yield "page-for-feed", says(response(PAGE)), "is not a feed", "feed"

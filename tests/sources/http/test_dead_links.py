"""Links are asked politely, and only what is certainly gone is told."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from sse_digest.errors import SourceError, UnknownHostError
from sse_digest.sources.http.dead_links import dead_links
from sse_digest.sources.http.ssrf import any_addresses
from tests.loopback import loopback
from tests.options import fetch_options

OPTIONS = fetch_options(user_agent="sse-digest test", timeout_s=4, max_redirects=2)  # also of a busy machine
ANSWERS = {  # path to the status of HEAD and of GET
    "/fine": ("200 OK", "500 unused"),
    "/gone": ("410 Gone", "410 Gone"),
    "/missing": ("404 Not Found", "404 Not Found"),
    "/no-head": ("404 Not Found", "206 Partial Content"),
    "/ill": ("503 Busy", "503 Busy"),
    "/refused": ("403 Forbidden", "403 Forbidden"),
    "/moved": ("301 Moved\r\nLocation: /missing", "301 Moved\r\nLocation: /missing"),
    "/round": ("302 Found\r\nLocation: /round", ""),
}


@asynccontextmanager
async def site() -> AsyncIterator[tuple[str, list[str]]]:
    """A site on the loopback; return its address and the requests it saw."""
    seen: list[str] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = (await reader.readuntil(b"\r\n\r\n")).decode()
        method, path, _ = request.split(" ", 2)
        seen.append(f"{method} {path}" + (" first byte" if "Range: bytes=0-0" in request else ""))
        if path != "/slow":
            status = ANSWERS[path][method == "GET"]
            writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
            await writer.drain()
        else:
            await reader.read()  # until the client loses its patience
        writer.close()

    async with loopback(handle) as port:
        yield f"http://127.0.0.1:{port}", seen


@pytest.mark.slow
async def test_only_pages_that_are_gone_and_hosts_that_do_not_exist_are_told() -> None:
    async def lookup(host: str, port: int) -> tuple[str, ...]:
        if host == "no.example":
            raise UnknownHostError("no such host")
        if host == "inside.example":
            raise SourceError("not a public address")
        return await any_addresses(host, port)

    async with site() as (base, seen):
        asked = [f"{base}{path}" for path in (*ANSWERS, "/slow", "/fine")]
        asked += ["http://no.example/", "http://inside.example/", "http://127.0.0.1:1/", "https://[::1"]
        dead = await dead_links(asked, OPTIONS, lookup=lookup, pause_s=0)

    assert dead == {
        f"{base}/gone": "answered 410",
        f"{base}/missing": "answered 404",
        f"{base}/moved": "answered 404",
        "http://no.example/": "its host does not exist",
    }
    assert seen.count("HEAD /fine") == 1
    assert "GET /fine" not in seen
    assert "GET /no-head first byte" in seen


async def test_two_addresses_of_one_host_are_never_asked_at_once() -> None:
    async with site() as (base, seen):
        await dead_links([f"{base}/fine", f"{base}/ill"], OPTIONS, lookup=any_addresses, pause_s=0.01)

    assert seen == ["HEAD /fine", "HEAD /ill", "GET /ill first byte"]


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (socket.gaierror(socket.EAI_NONAME, "unknown"), UnknownHostError),
        (socket.gaierror(socket.EAI_AGAIN, "try again"), SourceError),
        (UnicodeError("label too long"), UnknownHostError),
    ],
)
async def test_a_name_that_does_not_exist_is_told_from_a_resolver_that_is_away(
    error: Exception, kind: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_arguments: object, **_more: object) -> None:
        raise error

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", fail)
    with pytest.raises(SourceError) as raised:
        await any_addresses("somewhere.example", 80)

    assert type(raised.value) is kind

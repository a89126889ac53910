"""Every behaviour of the hostile server has its stated outcome, in its time, and nothing else is dialled."""

import asyncio
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from sse_digest.errors import SourceError
from sse_digest.sources import KINDS
from sse_digest.sources.html.page_checks import page_signs
from sse_digest.sources.http.client import fetch
from sse_digest.sources.http.ssrf import public_addresses
from tests.options import fetch_options, source_options
from tests.sources.hostile import LIMIT, behaviours
from tests.sources.serving import serving

HOST = "news.example.org"
OPTIONS = fetch_options(user_agent="sse-digest test", timeout_s=20, max_bytes=LIMIT)
NAMES = sorted(behaviours(0))
dialled: list[object] | None = None


def _hear(event: str, arguments: tuple[object, ...]) -> None:
    if event == "socket.connect" and dialled is not None:
        dialled.append(arguments[1])


sys.addaudithook(_hear)


@pytest.fixture
def addresses() -> Iterator[list[object]]:
    """Every address that this process connects to, as the interpreter sees it."""
    global dialled  # noqa: PLW0603 # a hook of the interpreter stays for ever
    dialled = []
    yield dialled
    dialled = None


async def lookup(host: str, port: int) -> tuple[str, ...]:
    """The name of the server is public here; every other host is judged as always."""
    if host == HOST:
        return ("127.0.0.1",)
    if host == "rebind.example.org":  # public when it was first looked at
        return await public_addresses("127.0.0.1", port)
    return await public_addresses(host, port)


async def outcome(name: str) -> tuple[int | str, object, int]:
    """Return what becomes of one behaviour, what it should, and the port."""
    port = 0

    async def answer(request: bytes, writer: asyncio.StreamWriter) -> None:
        path = request.split(b" ")[1].decode().strip("/").partition("?")[0]
        known = behaviours(port)
        await known[path].answer(request, writer)

    async with serving(answer) as base:
        port = int(base.rpartition(":")[2])
        behaviour = behaviours(port)[name]
        try:
            is_slow = behaviour.outcome == "did not answer completely"
            options = replace(OPTIONS, timeout_s=1) if is_slow else OPTIONS
            # Whoever hangs over its budget is stopped from outside, and that is a failure.
            async with asyncio.timeout(options.timeout_s + 20):
                page = await fetch(f"http://{HOST}:{port}/{name}", options, lookup=lookup)
        except SourceError as error:
            return str(error), behaviour.outcome, port
        signs = page_signs(page)
        try:
            reading = KINDS[behaviour.kind](page, source_options(name="x", kind=behaviour.kind, url=page.url))
        except SourceError as error:
            return f"{error} {signs.guard}", behaviour.outcome, port
        if signs.closed is False:
            return "the document has no end", behaviour.outcome, port
        return len(reading.items), behaviour.outcome, port


def test_there_are_forty_behaviours_and_more(proof: Callable[[str, str], None]) -> None:
    assert len(NAMES) >= 60
    proof("Hostile server", f"{len(NAMES)} behaviours, each with its stated outcome; nothing else dialled")


@pytest.mark.parametrize("name", NAMES)
async def test_each_behaviour_has_its_outcome(name: str, addresses: list[object]) -> None:
    came, stated, port = await outcome(name)

    if isinstance(stated, int):
        assert came == stated
    else:
        assert isinstance(came, str)
        assert re.search(str(stated), came), came
        assert "Traceback" not in came
    assert set(addresses) <= {("127.0.0.1", port)}

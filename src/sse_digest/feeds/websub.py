"""Tells a hub which feeds changed (W3C WebSub), and remembers what it could not tell.

What waits is in pings.json next to the generations and is sent at the next publish. A hub that does not
answer never stops a publish, and delays it by a bounded time; it never learns anything but addresses.
"""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from sse_digest.errors import FeedError

Post = Callable[[str, Mapping[str, str]], Awaitable[int]]
"""Posts a form to an address and gives the status; raises FeedError where no answer came."""

_FILE = "pings.json"
_LATER = frozenset({408, 429})  # refusals that say: not now (RFC 9110, RFC 6585)
_PATIENCE_S = 10.0  # for one answer
_ALL_S = 30.0  # for all together


@dataclass(frozen=True, slots=True, kw_only=True)
class PingReport:
    """What a hub was told."""

    told: tuple[str, ...]  # addresses of feeds that changed
    waiting: tuple[str, ...]  # to be told at the next publish
    problem: str  # what went wrong last, for people; empty: nothing


async def ping(
    folder: Path, hub: str, changed: Collection[str], post: Post, *, patience_s: float = _ALL_S
) -> PingReport:
    """Tell a hub of the feeds that changed now, and of those that wait; never raises for what the hub does.

    Args:
        folder: of the feeds.
        hub: its address.
        changed: addresses of documents, as their rel=self says.
        post: how to reach it.
        patience_s: seconds for all of it.

    Raises:
        OSError: the file in the folder cannot be written.
    """
    topics = sorted({*changed, *_waiting(folder, hub)})
    if not topics:
        return PingReport(told=(), waiting=(), problem="")
    _remember(folder, hub, topics)  # first: what is killed now is told the next time
    told, refused, problem = set[str](), set[str](), ""
    try:
        async with asyncio.timeout(patience_s):
            for topic in topics:
                status = await post(hub, {"hub.mode": "publish", "hub.url": topic})
                if status < 300:
                    told.add(topic)
                else:
                    problem = f"The hub answered {status} for {topic}."
                    if status < 500 and status not in _LATER:
                        refused.add(topic)
    except FeedError as error:
        problem = str(error)
    except TimeoutError:
        problem = f"The hub took longer than {patience_s:g} seconds."
    waiting = [topic for topic in topics if topic not in told | refused]
    _remember(folder, hub, waiting)
    return PingReport(told=tuple(sorted(told)), waiting=tuple(waiting), problem=problem)


async def post_form(address: str, fields: Mapping[str, str]) -> int:
    """Post a form and give the status of the answer; follows no redirect and asks no proxy.

    Raises:
        FeedError: no answer came.
    """
    import httpx2  # noqa: PLC0415 # where no hub is configured nobody needs it

    try:
        async with (
            httpx2.AsyncClient(timeout=_PATIENCE_S, trust_env=False) as client,
            client.stream("POST", address, data=dict(fields)) as answer,  # its text is never read
        ):
            return int(answer.status_code)
    except httpx2.HTTPError as error:
        raise FeedError(
            f"The hub {address} cannot be reached: {type(error).__name__} {error}".rstrip()
        ) from error


def _waiting(folder: Path, hub: str) -> list[str]:
    """Read what waits for this hub; a damaged file is as good as none: feeds are polled all the same."""
    try:
        kept = json.loads((folder / _FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    topics = kept.get(hub) if isinstance(kept, dict) else None
    return [topic for topic in topics if isinstance(topic, str)] if isinstance(topics, list) else []


def _remember(folder: Path, hub: str, topics: Collection[str]) -> None:
    path = folder / _FILE
    beside = folder / f"{_FILE}.{os.getpid()}.new"
    beside.write_text(json.dumps({hub: sorted(topics)}, indent=1) + "\n", encoding="utf-8")
    beside.replace(path)

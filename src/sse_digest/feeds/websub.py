"""Tell a hub which feeds changed (W3C WebSub), and remember what it could not be told.

Feeds that the hub has not been told about are kept in pings.json next to the generations until the next
publish. A hub that does not answer delays a publish for a bounded time and never stops it. The hub learns
nothing but addresses.
"""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from sse_digest.errors import FeedError

Post = Callable[[str, Mapping[str, str]], Awaitable[int]]
"""Posts a form to an address and returns the status; raises FeedError if there is no answer."""

_FILE = "pings.json"
_LATER = frozenset({408, 429})  # client errors after which to try again (RFC 9110, RFC 6585)
_PATIENCE_S = 10.0  # for one answer
_ALL_S = 30.0  # for all answers together


@dataclass(frozen=True, slots=True, kw_only=True)
class PingReport:
    """The result of telling a hub what changed."""

    told: tuple[str, ...]  # addresses the hub accepted
    waiting: tuple[str, ...]  # addresses for the next publish
    problem: str  # the last failure, for people; empty if there was none


async def ping(
    folder: Path, hub: str, changed: Collection[str], post: Post, *, patience_s: float = _ALL_S
) -> PingReport:
    """Tell a hub about the feeds that changed now or before; failures of the hub are reported, not raised.

    Args:
        folder: the folder of the feeds.
        hub: the hub's address.
        changed: addresses of documents, as in their rel=self.
        post: sends a form to the hub.
        patience_s: seconds for all requests together.

    Raises:
        OSError: the file in the folder cannot be written.
    """
    topics = sorted({*changed, *_waiting(folder, hub)})
    if not topics:
        return PingReport(told=(), waiting=(), problem="")
    _remember(folder, hub, topics)  # first, so that nothing is lost if the process is killed
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
    """Post a form and return the status of the answer; follow no redirects and use no proxy.

    Raises:
        FeedError: there was no answer.
    """
    import httpx2  # noqa: PLC0415 # needed only if a hub is configured

    try:
        async with (
            httpx2.AsyncClient(timeout=_PATIENCE_S, trust_env=False) as client,
            client.stream("POST", address, data=dict(fields)) as answer,  # the body is never read
        ):
            return int(answer.status_code)
    except httpx2.HTTPError as error:
        raise FeedError(
            f"The hub {address} cannot be reached: {type(error).__name__} {error}".rstrip()
        ) from error


def _waiting(folder: Path, hub: str) -> list[str]:
    """Return the addresses kept for this hub. A damaged file counts as empty: readers still poll."""
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

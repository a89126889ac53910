"""A host of news on the loopback, and the rounds of one source against it."""

import asyncio
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from sse_digest.model.theme_rules import ThemeRules, parse_rules
from sse_digest.sources.fetch import fetch_all
from sse_digest.sources.ledger.ingest import IngestReport
from sse_digest.sources.options import DEFAULT, FetchRequest
from sse_digest.store import Store
from tests.builders import NOON
from tests.options import fetch_options, source_options
from tests.sources.serving import response

FETCH = fetch_options(user_agent="sse-digest test", timeout_s=5)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOW = FetchRequest(at_once=True)


def listing(days: Iterable[int], more: bytes = b"", month: bytes = b"April") -> bytes:
    """A page with an item for each day."""
    items = (
        b"<article><h2><a href='/%s/%d'>What happened on day %d of %s</a></h2>"
        b"<time>%d %s 2023</time></article>" % (month, day, day, month, day, month)
        for day in days
    )
    return b"<html><body>" + b"".join(items) + more + b"</body></html>"


PAGE = listing(range(9, 3, -1))


class Host:
    """A host that answers by path, and remembers what it was asked."""

    def __init__(self, **pages: bytes) -> None:
        self.pages = {"/robots.txt": response(b"", "404 Not Found")}
        self.pages |= {f"/{name}": raw for name, raw in pages.items()}
        self.asked: list[str] = []
        self.headers: Mapping[bytes, bytes] = {}

    async def __call__(self, request: bytes, writer: asyncio.StreamWriter) -> None:
        first, *lines = request.strip().split(b"\r\n")
        path = first.split(b" ")[1].decode()
        self.asked.append(path)
        self.headers = {key.lower(): value for key, _, value in (line.partition(b": ") for line in lines)}
        raw = self.pages[path]
        if (
            path != "/robots.txt"
            and b"304 " in self.pages.get("/same", b"")
            and b"if-none-match" in self.headers
        ):
            raw = self.pages["/same"]
        writer.write(raw)


def plain_rules() -> ThemeRules:
    themes = {"other": {"rank": 1, "labels": {"en": "Other"}, "fallback": True}}
    return parse_rules({"themes": themes}, where="test")


class Rounds:
    """One source's rounds."""

    def __init__(self, store: Store, rules: ThemeRules, base: str, **changes: object) -> None:
        values = {"name": "news", "kind": "html", "url": f"{base}/news", "allow_private_hosts": True}
        self.source = source_options(**{**values, **changes})
        self.store, self.rules = store, rules

    async def __call__(self, now: datetime = NOON, wanted: FetchRequest = DEFAULT) -> IngestReport:
        (report,) = await fetch_all(
            self.store, [self.source], FETCH, now=now, rules=self.rules, wanted=wanted
        )
        return report

"""Read the further pages of a list while they contain new items, or all of them on request.

Only the first page is compared with earlier readings. A further page must be like the first one; otherwise it
and the pages after it are not stored. If a page could not be read, this is remembered, and the next round
continues past pages that contain nothing new.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit

from sse_digest.errors import SourceError
from sse_digest.model.items import Reading
from sse_digest.model.theme_rules import ThemeRules
from sse_digest.sources.crawler import forgotten
from sse_digest.sources.http.client import HttpStatusError
from sse_digest.sources.ledger.ingest import FurtherPage, IngestReport, ingest_further
from sse_digest.sources.options import SourceOptions
from sse_digest.sources.page import Page
from sse_digest.sources.read import read_got
from sse_digest.store import Store
from sse_digest.store.news.http_state import HttpState, record_visit
from sse_digest.store.news.sightings import listed_last

MOST_PAGES = 1000
"""The number of pages of one list that are read, even if all of them are requested."""

_ENDS = frozenset({404, 410})  # the status after the last page
_COUNTS = ("read", "added", "changed", "unchanged", "refused")


def next_address(source: SourceOptions, reading: Reading, number: int, offset: int) -> str | None:
    """Return the address of page `number`, after `offset` items, or None if none is on the same host."""
    if source.url is None:
        return None
    if source.next_url is not None:
        return source.next_url.replace("{page}", str(number)).replace("{offset}", str(offset))
    following = reading.signs.next_page
    if following is None or urlsplit(following).hostname != urlsplit(source.url).hostname:
        return None
    return following


class Pagination:
    """The further pages of one source in one round.

    Args:
        store: an open database.
        source: whose list it is.
        get: fetches a page by its address.
        most: the number of pages that are read, including the first one.
        now: the time of the round.
        rules: by which new and changed items get their themes.
    """

    def __init__(
        self,
        store: Store,
        source: SourceOptions,
        get: Callable[[str], Awaitable[Page]],
        *,
        most: int,
        now: datetime,
        rules: ThemeRules,
    ) -> None:
        self._store, self._source, self._get = store, source, get
        self._now, self._rules = now, rules
        self._most = most

    async def go_on(
        self, first: Reading, visit: HttpState, report: IngestReport, *, to_the_end: bool
    ) -> IngestReport:
        """Read and store the pages after the first one, which is already stored, and remember the visit.

        Args:
            first: the reading of the first page.
            visit: of the first page.
            report: of the first page.
            to_the_end: continue even if a page contains nothing new.

        Returns:
            The report of all pages together.
        """
        asked, reading, part, begin = {visit.url}, first, report, len(first.items)
        seen = self._listed()
        warning, is_finished = None, True
        for number in range(2, self._most + 1):
            address = next_address(self._source, reading, number, begin)
            if not (part.added or to_the_end) or address is None or address in asked:
                break
            asked.add(address)
            try:
                reading = await read_got(await self._get(address), self._source)
            except SourceError as error:
                is_finished = isinstance(error, HttpStatusError) and error.status in _ENDS
                warning = None if is_finished else f"page {number} of the list was not read: {error}"
                break
            page = FurtherPage(reading=reading, first=first, begin=begin, seen=seen)
            part, ids = ingest_further(self._store, self._source.name, page, now=self._now, rules=self._rules)
            if part.problem is not None:
                warning = f"page {number} of the list is not like the first and was left out: {part.problem}"
            if not ids:
                break
            seen, begin, report = seen | ids, begin + len(reading.items), _together(report, part)
        else:
            warning = self._bound_reached(part, reading)
        self._remember(visit, is_finished=is_finished)
        return report if warning is None else replace(report, warnings=(*report.warnings, warning))

    def _listed(self) -> frozenset[str]:
        with self._store.reading() as connection:
            return frozenset(listed_last(connection, self._source.name))

    def _bound_reached(self, last: IngestReport, reading: Reading) -> str | None:
        if not last.added or next_address(self._source, reading, 0, 0) is None:
            return None
        return (
            f"page {self._most} of the list still had new items, but max_pages allows no more pages;"
            " `sse-digest fetch --history` reads all of them"
        )

    def _remember(self, visit: HttpState, *, is_finished: bool) -> None:
        kept = visit if is_finished else replace(forgotten(visit), pages_left=True)
        with self._store.writing() as connection:
            record_visit(connection, kept)


def _together(one: IngestReport, other: IngestReport) -> IngestReport:
    counts = {name: getattr(one, name) + getattr(other, name) for name in _COUNTS}
    return replace(one, warnings=(*one.warnings, *other.warnings), **counts)

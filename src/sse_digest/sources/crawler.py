"""Visit the pages of sources politely: obey robots.txt, and request nothing more often than needed.

A crawler makes one round. It returns what must be remembered, and stores only robots.txt files itself. It
never requests an address, or follows a redirect to one, that its host's robots.txt forbids.
"""

import asyncio
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from urllib.parse import urlsplit

from sse_digest.errors import SourceError
from sse_digest.model.items import Reading
from sse_digest.model.theme_rules import ThemeRules
from sse_digest.sources.http.client import (
    NO_VALIDATORS,
    HttpStatusError,
    Response,
    Validators,
    ask,
    lookup_for,
)
from sse_digest.sources.http.robots import RobotsRule, refusing_rule, rules_for_us
from sse_digest.sources.http.schedule import HostDelays, manner_of, rests_until, retry_moment
from sse_digest.sources.http.ssrf import Lookup, public_addresses
from sse_digest.sources.options import FetchOptions, SourceOptions
from sse_digest.sources.page import Page
from sse_digest.sources.read import read_got, read_source, refuse_unknown_kind
from sse_digest.store import Store
from sse_digest.store.news.http_state import HttpState, StoredRobots, record_robots, robots_of, visit_of
from sse_digest.store.news.sources import source_state

_FRESH = timedelta(hours=24)  # RFC 9309 2.4
_STALE = timedelta(days=30)  # how long a host's old rules replace rules that cannot be fetched


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchResult:
    """The result of visiting one source. At most one of `reading`, `problem` and `note` is set."""

    reading: Reading | None = None
    anew: bool = False  # read further pages of the list even if they contain nothing new
    problem: str | None = None  # why there is no reading
    note: str | None = None  # why no reading is needed
    was_asked: bool = True  # False: the page was not due
    visit: HttpState | None = None  # what to remember, or None for nothing

    @property
    def warnings(self) -> tuple[str, ...]:
        """What to change in the configuration."""
        if self.visit is None or self.visit.moved_to is None or self.reading is None:
            return ()
        return (f"the page has moved permanently: set url = {self.visit.moved_to!r}",)


class Crawler:
    """The requests of one round.

    Args:
        store: contains the HTTP state of pages and the robots.txt of hosts.
        options: how pages are fetched.
        pace: the pauses between requests to one host.
        now: the time of the round.
        rules: of the themes; if they changed, an unchanged page is read again.
    """

    def __init__(
        self, store: Store, options: FetchOptions, *, pace: HostDelays, now: datetime, rules: ThemeRules
    ) -> None:
        self._store, self._options, self._pace, self._now = store, options, pace, now
        self._rules = rules
        # By origin: the rules, or a text that says why they could not be fetched.
        self._robots: dict[str, tuple[RobotsRule, ...] | str] = {}
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def visit(self, source: SourceOptions, *, at_once: bool = False, anew: bool = False) -> FetchResult:
        """Get a source's page if it is due, and read it.

        Args:
            source: if it has a path, it is always read.
            at_once: request the page even if it is not due.
            anew: request the page even if it is not due, and read it even if it has not changed.

        Raises:
            SourceError: the page could not be fetched or read, for another reason than its status.
            UsageError: the source is configured wrongly.
        """
        refuse_unknown_kind(source)
        if source.url is None or source.path is not None:
            return FetchResult(reading=await read_source(source, self._options))
        manner = manner_of(source, self._rules)
        with self._store.reading() as connection:
            last = visit_of(connection, source.name, source.url)
        if last is not None:
            not_due = self._not_due(last, manner, at_once=at_once or anew)
            if not_due is not None:
                return not_due
        return await self._request(source, source.url, None if anew else last, manner)

    def _not_due(self, last: HttpState, manner: str, *, at_once: bool) -> FetchResult | None:
        """Return why a page is not requested, or None if it is due."""
        if last.ended_at is not None and last.manner == manner and not at_once:
            return FetchResult(problem=_gone(last.url, last.ended_at), was_asked=False)
        until = rests_until(last, manner=manner, now=self._now, at_once=at_once)
        if until is None:
            return None
        asked_by_server = until == last.not_before
        why = "its server asks for this" if asked_by_server else "`sse-digest fetch --now` reads it now"
        note = f"not requested again before {until:%Y-%m-%d %H:%M} UTC ({why})"
        with self._store.reading() as connection:
            state = source_state(connection, last.source)
        if state is not None and state.problem is not None:
            return FetchResult(problem=f"{state.problem} It is {note}.", was_asked=False)
        return FetchResult(note=note, was_asked=False)

    async def _request(
        self, source: SourceOptions, url: str, last: HttpState | None, manner: str
    ) -> FetchResult:
        visit = HttpState(source=source.name, url=url, asked_at=self._now, is_good=False, manner=manner)
        known = last if last is not None and last.is_good and last.manner == manner else None
        moved_to = known.moved_to if known is not None else None
        validators = NO_VALIDATORS
        if known is not None:
            validators = Validators(etag=known.etag, last_modified=known.last_modified)
        try:
            answer = await self.ask(moved_to or url, lookup=_lookup(source), validators=validators)
        except HttpStatusError as error:
            return self._refused(visit, error)
        visit = replace(
            visit,
            is_good=True,
            etag=answer.validators.etag,
            last_modified=answer.validators.last_modified,
            moved_to=answer.moved_to or moved_to,
        )
        if answer.page is None:
            return FetchResult(note="the page has not changed (304)", visit=visit)
        try:
            reading = await read_got(answer.page, source)
            return FetchResult(reading=reading, visit=visit, anew=last is not None and last.pages_left)
        except SourceError as error:
            return FetchResult(problem=str(error), visit=forgotten(visit))

    def _refused(self, visit: HttpState, error: HttpStatusError) -> FetchResult:
        if error.status == 410:
            ended = replace(visit, ended_at=self._now)
            return FetchResult(problem=_gone(visit.url, self._now), visit=ended)
        not_before = None
        if error.status in {429, 503}:
            not_before = retry_moment(error.retry_after, now=self._now)
        return FetchResult(problem=str(error), visit=replace(visit, not_before=not_before))

    async def page(self, url: str, source: SourceOptions) -> Page:
        """Get another page that a source needs, such as the next page of its list.

        If the source may be on a private host, pages of that host are allowed, but not pages of other
        private hosts: a list must not lead this program to them.

        Raises:
            SourceError: as for `ask`.
        """
        answer = await self.ask(url, lookup=_lookup(source))
        if answer.page is None:
            raise SourceError(f"{url} answered 304 Not Modified to an unconditional request.")
        return answer.page

    async def ask(
        self, url: str, *, lookup: Lookup = public_addresses, validators: Validators = NO_VALIDATORS
    ) -> Response:
        """Request one page and follow its redirects, with pauses between the requests to one host.

        Raises:
            SourceError: as for `client.ask`, or the robots.txt of a host forbids the page.
        """
        judge = partial(self._wait_for_turn, lookup=lookup)
        await judge(url)
        return await ask(url, self._options, validators=validators, lookup=lookup, judge=judge)

    async def _wait_for_turn(self, url: str, *, lookup: Lookup) -> None:
        """Wait until the host may be asked; raise SourceError if its robots.txt forbids the page."""
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        async with self._locks[origin]:
            if origin not in self._robots:
                self._robots[origin] = await self._rules_of(origin, lookup)
        rules = self._robots[origin]
        if isinstance(rules, str):
            raise SourceError(
                f"{rules} Until its robots.txt can be fetched, {url} is not requested (RFC 9309)."
            )
        rule = refusing_rule(rules, url)
        if rule is not None:
            raise SourceError(
                f"{url} was not read: {origin}/robots.txt forbids it with the line "
                f"“{rule}”. Ask its publisher to let sse-digest read it, or remove the source."
            )
        await self._pace.turn(parts.hostname or "")

    async def _rules_of(self, origin: str, lookup: Lookup) -> tuple[RobotsRule, ...] | str:
        """Return a host's rules, or a text that says why they could not be fetched.

        A host without robots.txt has no rules, so everything is allowed (RFC 9309 2.3.1.3).
        """
        with self._store.reading() as connection:
            kept = robots_of(connection, origin)
        age = _STALE if kept is None else self._now - kept.asked_at
        if kept is not None and timedelta(0) <= age < _FRESH:
            return rules_for_us(kept.text)
        try:
            answer = await ask(f"{origin}/robots.txt", self._options, lookup=lookup, may_be_empty=True)
            text = b"" if answer.page is None else answer.page.data
        except SourceError as error:
            if not (isinstance(error, HttpStatusError) and 400 <= error.status < 500 and error.status != 429):
                if kept is not None and age < _STALE:
                    return rules_for_us(kept.text)
                return str(error)
            text = b""
        with self._store.writing() as connection:
            record_robots(connection, StoredRobots(origin=origin, asked_at=self._now, text=text))
        return rules_for_us(text)


def _lookup(source: SourceOptions) -> Lookup:
    return lookup_for(source.url) if source.allow_private_hosts and source.url else public_addresses


def forgotten(visit: HttpState) -> HttpState:
    """Return a visit without validators and redirect, so that the next one reads the whole page."""
    return replace(visit, is_good=False, etag=None, last_modified=None, moved_to=None)


def _gone(url: str, since: datetime) -> str:
    return (
        f"{url} answered 410 Gone on {since:%Y-%m-%d}: its publisher removed it permanently."
        " It is no longer read. Find its new address and set url to it, or remove the source;"
        " `sse-digest fetch --now` tries again."
    )

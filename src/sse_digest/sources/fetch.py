"""Visit every source and store what its page contains. If one source fails, the others are still read.

Pages are fetched a few at a time. Their readings are stored one after another, so that the same pages always
give the same ids.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from functools import partial

import structlog

from sse_digest.errors import SourceError, UsageError
from sse_digest.model.items import Reading
from sse_digest.model.theme_rules import ThemeRules
from sse_digest.sources.crawler import Crawler, FetchResult, forgotten
from sse_digest.sources.http.schedule import HostDelays
from sse_digest.sources.ledger.ingest import DriftCheck, IngestReport, ingest, take_unchanged
from sse_digest.sources.options import DEFAULT, FetchOptions, FetchRequest, SourceOptions
from sse_digest.sources.own_pages.gone_checks import ask_after
from sse_digest.sources.own_pages.update import read_own_pages
from sse_digest.sources.pagination import MOST_PAGES, Pagination, next_address
from sse_digest.store import Store
from sse_digest.store.news.http_state import record_visit
from sse_digest.store.news.sources import record_problem, record_unchanged

log = structlog.get_logger(__name__)

_AT_ONCE = 4  # sources that are visited at the same time


async def fetch_all(
    store: Store,
    sources: Iterable[SourceOptions],
    options: FetchOptions,
    *,
    now: datetime,
    rules: ThemeRules,
    wanted: FetchRequest = DEFAULT,
    pace: HostDelays | None = None,
) -> tuple[IngestReport, ...]:
    """Visit every source, store its reading, and return one report for each source, in their order.

    Args:
        store: an open database.
        sources: have different names.
        options: how pages are fetched.
        now: the time of the round.
        rules: by which new and changed items get their themes.
        wanted: what this round does differently from an ordinary one.
        pace: the pauses between requests to one host; None: no pauses.

    Raises:
        StoreError: the database cannot be written.
    """
    every = tuple(source for source in sources if not wanted.only or source.name in wanted.only)
    visitor = Crawler(store, options, pace=pace or HostDelays(0, random=lambda: 0), now=now, rules=rules)
    gate = asyncio.Semaphore(_AT_ONCE)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_visit(visitor, source, wanted, gate)) for source in every]
    reports = []
    for source, task in zip(every, tasks, strict=True):
        visited = task.result()
        report = _take(store, source, visited, now=now, rules=rules, wanted=wanted)
        get = partial(visitor.page, source=source)
        first, visit = visited.reading, visited.visit
        if first is not None and visit is not None and _goes_on(source, first) and report.problem is None:
            most = MOST_PAGES if wanted.history else source.max_pages
            paging = Pagination(store, source, get, most=most, now=now, rules=rules)
            to_the_end = wanted.history or visited.anew
            report = await paging.go_on(first, visit, report, to_the_end=to_the_end)
        if source.article and visited.was_asked and report.problem is None:
            warnings = await read_own_pages(store, source, get, now=now)
            report = replace(report, warnings=(*report.warnings, *warnings))
        if source.url is not None and visited.was_asked and report.problem is None:
            warnings = await ask_after(store, source.name, get, now=now)
            report = replace(report, warnings=(*report.warnings, *warnings))
        reports.append(report)
    return tuple(reports)


async def _visit(
    visitor: Crawler, source: SourceOptions, wanted: FetchRequest, gate: asyncio.Semaphore
) -> FetchResult:
    """Visit one source; if that fails, return a result with the problem."""
    try:
        async with gate:
            return await visitor.visit(
                source, at_once=wanted.at_once, anew=wanted.history or source.name in wanted.accept
            )
    except (SourceError, UsageError) as error:
        log.warning("source.failed", source=source.name, problem=str(error))
        return FetchResult(problem=str(error))
    except Exception as error:  # a defect that one page reveals must not stop the other sources
        log.exception("source.defect", source=source.name)
        problem = f"The program failed on this source ({type(error).__name__}: {error}). Please report this."
        return FetchResult(problem=problem)


def _goes_on(source: SourceOptions, first: Reading) -> bool:
    """Return whether the list has a second page."""
    return next_address(source, first, 2, 0) is not None


def _take(
    store: Store,
    source: SourceOptions,
    visited: FetchResult,
    *,
    now: datetime,
    rules: ThemeRules,
    wanted: FetchRequest,
) -> IngestReport:
    """Store the reading of a visit, and remember the visit."""
    name, visit, goes_on = source.name, visited.visit, False
    if visited.reading is not None:
        scrutiny = DriftCheck.MAY_BE_EMPTY if source.may_be_empty else DriftCheck.FULL
        scrutiny = DriftCheck.ACCEPT if name in wanted.accept else scrutiny
        goes_on = _goes_on(source, visited.reading)
        if visit is not None and goes_on:
            # If this round is interrupted, the next one must continue past pages without new items.
            with store.writing() as connection:
                record_visit(connection, replace(forgotten(visit), pages_left=True))
        report = ingest(store, name, visited.reading, now=now, rules=rules, scrutiny=scrutiny)
        report = replace(report, warnings=(*visited.warnings, *report.warnings))
        if report.problem is not None and visit is not None:
            visit = forgotten(visit)
    else:
        report = IngestReport(source=name, problem=visited.problem, note=visited.note)
    with store.writing() as connection:
        if visit is not None and (report.problem is not None or not goes_on):
            record_visit(connection, visit)
        if visited.was_asked and visited.note is not None:
            take_unchanged(connection, name, now=now)
            record_unchanged(connection, name, now=now)
        if visited.was_asked and visited.problem is not None:
            record_problem(connection, name, now=now, problem=visited.problem)
    return report

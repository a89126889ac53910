"""Take readings into the store: match, add what is new, change what changed, and say what was done.

One writing transaction for a reading, so that a reader of the store sees all of it or nothing. A source that
fails leaves everything it ever gave, and no source stops another.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from sse_digest.errors import SourceError, UsageError
from sse_digest.model.items import Reading, ReadItem
from sse_digest.model.theme_rules import ThemeRules
from sse_digest.sources.identity import Match, heading, keys_of, match, mint_id, without_doubles
from sse_digest.sources.options import FetchOptions, SourceOptions
from sse_digest.sources.reading import read_source
from sse_digest.sources.revision import new_item, revised, revised_keys
from sse_digest.store import Store
from sse_digest.store.items import KnownItem, get_items, insert_item, known_items, update_item
from sse_digest.store.sources import record_problem, record_reading

log = structlog.get_logger(__name__)

_AT_ONCE = 4  # sources that are read at the same time


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestReport:
    """What one reading of one source did: `read` is the sum of the four counts behind it."""

    source: str
    read: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0  # also doubles on the page, and items another source has
    refused: int = 0  # with nothing to call them by
    warnings: tuple[str, ...] = ()  # for people
    problem: str | None = None  # why nothing could be read; None: it was read


async def fetch_all(
    store: Store,
    sources: Iterable[SourceOptions],
    fetch_options: FetchOptions,
    *,
    now: datetime,
    rules: ThemeRules,
) -> tuple[IngestReport, ...]:
    """Read every source and take it in, in the order given; one report for each.

    Pages are fetched a few at a time; what they say is stored one after the other, so that the same pages
    always give the same ids. A source that cannot be read is a report with its problem.

    Raises:
        StoreError: the database cannot be written.
    """
    wanted = tuple(sources)
    gate = asyncio.Semaphore(_AT_ONCE)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_read(source, fetch_options, gate)) for source in wanted]
    reports = []
    for source, task in zip(wanted, tasks, strict=True):
        result = task.result()
        if isinstance(result, Reading):
            reports.append(await ingest(store, source.name, result, now=now, rules=rules))
        else:
            async with store.write() as connection:
                await record_problem(connection, source.name, now=now, problem=result)
            reports.append(IngestReport(source=source.name, problem=result))
    return tuple(reports)


async def ingest(
    store: Store, source: str, reading: Reading, *, now: datetime, rules: ThemeRules
) -> IngestReport:
    """Take one reading into the store, in one transaction.

    Args:
        store: an open database.
        source: the source's name.
        reading: of that source; taken in twice, it changes nothing the second time.
        now: when it was read; `first_seen` of new items and `updated` of changed ones, never `published`.
        rules: by which new and changed items get their themes.

    Raises:
        StoreError: the database cannot be written.
    """
    named = [item for item in reading.items if heading(item)]
    items = without_doubles(named)
    async with store.write() as connection:
        known = await known_items(connection)
        matches = match(items, known, source=source)
        added = await _add(connection, matches, known, source=source, now=now, rules=rules)
        changed = await _change(connection, matches, source=source, now=now, rules=rules)
        await record_reading(connection, source, now=now, items=len(items))
    refused, doubles = len(reading.items) - len(named), len(named) - len(items)
    report = IngestReport(
        source=source,
        read=len(reading.items),
        added=added,
        changed=changed,
        unchanged=len(items) - added - changed + doubles,
        refused=refused,
        warnings=(*reading.warnings, *_warnings(items, refused, doubles)),
    )
    log.info(
        "source.ingested", source=source, read=report.read, added=added, changed=changed, refused=refused
    )
    return report


async def _read(source: SourceOptions, fetch_options: FetchOptions, gate: asyncio.Semaphore) -> Reading | str:
    """Read one source; its problem in words if that fails."""
    try:
        async with gate:
            return await read_source(source, fetch_options)
    except (SourceError, UsageError) as error:
        log.warning("source.failed", source=source.name, problem=str(error))
        return str(error)
    except Exception as error:  # a defect met on one page must not stop the other sources
        log.exception("source.defect", source=source.name)
        return f"The program failed on this source ({type(error).__name__}: {error}). Please report this."


def _warnings(items: Sequence[ReadItem], refused: int, doubles: int) -> list[str]:
    found = [f"{heading(item)}: {warning}" for item in items for warning in item.warnings]
    if doubles:
        found.append(f"{doubles} items stood on the page twice")
    if refused:
        found.append(f"{refused} items had neither a title nor a text and were refused")
    return found


async def _add(
    connection: AsyncConnection,
    matches: Iterable[Match],
    known: Iterable[KnownItem],
    *,
    source: str,
    now: datetime,
    rules: ThemeRules,
) -> int:
    """Store the items that no stored one is; a translation joins the group of its sisters."""
    taken = {item.id for item in known}
    sisters: dict[str | None, list[tuple[str | None, str]]] = defaultdict(list)
    for item in known:
        sisters[item.keys.link_number].append((item.language, item.group))
    sisters.pop(None, None)  # items without a number have no sisters
    added = 0
    for one in matches:
        if one.known is not None:
            continue
        keys, language = keys_of(one.read), one.read.language
        item_id = mint_id(one.read, source=source, taken=taken)
        taken.add(item_id)
        group = next((group for other, group in sisters[keys.link_number] if other != language), item_id)
        if keys.link_number is not None:
            sisters[keys.link_number].append((language, group))
        new = new_item(one.read, item_id, group=group, source=source, now=now, rules=rules)
        await insert_item(connection, new, keys)
        added += 1
    return added


async def _change(
    connection: AsyncConnection, matches: Iterable[Match], *, source: str, now: datetime, rules: ThemeRules
) -> int:
    """Store what became of items that this source gave before; other sources' items are left alone."""
    ours = [(one.read, one.known) for one in matches if one.known is not None and one.known.source == source]
    stored = await get_items(connection, (known.id for _, known in ours))
    changed = 0
    for read, known in ours:
        old = stored[known.id]
        new = revised(old, read, now=now, rules=rules)
        keys = revised_keys(known.keys, keys_of(read))
        if new != old or keys != known.keys:
            await update_item(connection, new, keys)
        changed += new != old
    return changed

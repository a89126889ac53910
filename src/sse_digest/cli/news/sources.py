"""`sources` and `fetch`: try, suggest and check sources, and read all of them."""

import asyncio
import os
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import click

from sse_digest.app import news
from sse_digest.app.news import SourceReport
from sse_digest.atomic_write import replace_file
from sse_digest.cli.context import Context, end, json_option, pass_context
from sse_digest.cli.output import counted, emit
from sse_digest.errors import UsageError
from sse_digest.model.items import Reading, ReadItem
from sse_digest.settings import default_fetch_options
from sse_digest.sources import KINDS
from sse_digest.sources.kinds.sandbox import read_contained
from sse_digest.sources.ledger.ingest import IngestReport
from sse_digest.sources.options import FetchRequest, SourceOptions
from sse_digest.sources.presets import PRESETS
from sse_digest.sources.read import get_page, read_source
from sse_digest.sources.suggest.suggest import Suggestion, block, suggest
from sse_digest.sources.text.language import primary_tag
from sse_digest.sources.text.urls import absolute

# In the order of `--json`.
FIELDS = (
    "section",
    "credit",
    "kicker",
    "title",
    "published",
    "precision",
    "date_text",
    "place",
    "summary",
    "language",
    "link",
    "warnings",
)


@click.group()
def sources() -> None:
    """Show the items of a page or file, and the state of the sources."""


@sources.command("try")
@click.argument("kind", type=click.Choice(sorted(KINDS)))
@click.argument("location", metavar="PATH_OR_URL")
@click.option("--preset", help="For kind html: the layout of the page (ilo, ilo-classic).")
@click.option("--language", metavar="TAG", help="The page's language, if the page does not state it.")
@click.option("--allow-private-hosts", is_flag=True, help="Allow addresses that are not public.")
@json_option
def try_(
    kind: str,
    location: str,
    preset: str | None,
    language: str | None,
    allow_private_hosts: bool,
    as_json: bool,
) -> None:
    """Show the items that would be read from a page, without storing them. Needs no configuration."""
    is_url = location.lower().startswith(("http://", "https://"))
    if not is_url and not Path(location).exists():
        raise UsageError(f"There is no file {location}. Give a path, or an http or https address.")
    if preset is not None and preset not in PRESETS:
        raise UsageError(f"There is no preset {preset!r}. Choose one of: {', '.join(PRESETS)}.")
    if language is not None and primary_tag(language) is None:
        raise UsageError(f"{language!r} is not a language. Give a tag like en or pt-BR.")
    source = SourceOptions(
        name="try",
        kind=kind,
        url=location if is_url else None,
        path=None if is_url else Path(location),
        preset=preset,
        language=language,
        allow_private_hosts=allow_private_hosts,
        max_pages=1,
    )
    reading = asyncio.run(read_source(source, default_fetch_options()))
    data = {"items": [item_data(item) for item in reading.items], "warnings": list(reading.warnings)}
    emit(data, _lines(reading), as_json=as_json)


def item_data(item: ReadItem) -> Mapping[str, object]:
    """Return a read item for JSON."""
    values = {name: getattr(item, name) for name in FIELDS}
    published = None if item.published is None else item.published.isoformat()
    return {
        **values,
        "published": published,
        "precision": item.precision.value,
        "warnings": list(item.warnings),
    }


def _lines(reading: Reading) -> Iterator[str]:
    for number, item in enumerate(reading.items, start=1):
        yield f"{number:3}. {item.title or '(no title)'}"
        date = item.published.isoformat() if item.published else "no date"
        about = (date, item.language, item.kicker, item.section, item.place, item.link)
        yield f"     {' | '.join(part for part in about if part)}"
        if item.summary:
            yield f"     {item.summary}"
        for warning in item.warnings:
            yield f"     ! {warning}"
    yield counted(len(reading.items), "item")
    yield from (f"! {warning}" for warning in reading.warnings)


@sources.command("status")
@json_option
@pass_context
def status_(context: Context, as_json: bool) -> None:
    """Show when each source was last read, how many items it had, and what was wrong."""
    report = context.run(news.sources_status)
    emit(report, _state_lines(report.sources), as_json=as_json)
    end(attention=any(one.problem for one in report.sources))


@sources.command("accept")
@click.argument("names", nargs=-1, required=True, metavar="SOURCE...")
@json_option
@pass_context
def accept_(context: Context, names: tuple[str, ...], as_json: bool) -> None:
    """Accept a source's items although they raised an alarm, and compare later readings with them.

    Reads only these sources, now.
    """
    _read(context, FetchRequest(only=names, accept=names), as_json=as_json)


def _state_lines(sources: Sequence[SourceReport]) -> Iterator[str]:
    if not sources:
        yield "No source was read yet. Read them with `sse-digest fetch`."
    for one in sources:
        items = counted(one.items, "item")
        good = "never read" if one.good_at is None else f"{items}, {one.good_at:%Y-%m-%d %H:%M} UTC"
        yield f"{one.source}: {good}"
        if one.problem is not None:
            yield f"  ! {one.read_at:%Y-%m-%d %H:%M} UTC: {one.problem}"
        yield from (f"  ! {alarm.signal}: {alarm.text}" for alarm in one.alarms)


@click.command()
@click.option(
    "--accept",
    multiple=True,
    metavar="SOURCE",
    help="Accept this source's items although they raised an alarm; may be repeated.",
)
@click.option("--now", "at_once", is_flag=True, help="Also read pages that were read a short time ago.")
@click.option(
    "--history", is_flag=True, help="Read all pages of all lists now; use it once for a new source."
)
@json_option
@pass_context
def fetch(context: Context, accept: tuple[str, ...], at_once: bool, history: bool, as_json: bool) -> None:
    """Read all sources and store what is new. A failing source does not stop the others.

    A page is requested at most hourly if its server can say whether it has changed, otherwise at most daily,
    and always if its configuration is new. Files are read every time.
    """
    _read(context, FetchRequest(accept=accept, at_once=at_once, history=history), as_json=as_json)


def _read(context: Context, wanted: FetchRequest, *, as_json: bool) -> None:
    reports = context.run_async(lambda app: app.fetch(wanted))
    emit({"sources": reports}, fetch_lines(reports), as_json=as_json)
    end(attention=any(report.problem for report in reports))


def fetch_lines(reports: Sequence[IngestReport]) -> Iterator[str]:
    """Yield lines with the result of reading each source, for people."""
    for source in reports:
        if source.problem is not None:
            yield f"{source.source}: REFUSED, nothing was stored: {source.problem}"
            continue
        if source.note is not None:
            yield f"{source.source}: {source.note}"
            continue
        yield (
            f"{source.source}: {source.read} read, {source.added} added, {source.changed} changed,"
            f" {source.unchanged} unchanged, {source.refused} refused"
        )
        yield from (f"  ! {warning}" for warning in source.warnings)


_SHOWN = 10  # items
_NO_NAME = re.compile(r"[^a-z0-9]+")


@sources.command("suggest")
@click.argument("location", metavar="URL_OR_FILE")
@click.option("--name", help="The source's name. Default: made from the address.")
@click.option("--base-url", metavar="URL", help="For a saved page: its original address, for relative links.")
@click.option("--write", is_flag=True, help="Append the block to the configuration.")
@click.option("--allow-private-hosts", is_flag=True, help="Allow addresses that are not public.")
@json_option
@pass_context
def suggest_(
    context: Context,
    location: str,
    name: str | None,
    base_url: str | None,
    write: bool,
    allow_private_hosts: bool,
    as_json: bool,
) -> None:
    """Propose a source block for a page, and show the items it would read.

    No item is stored. With --write the block is appended to the configuration, which is otherwise not
    changed.
    """
    is_url = location.lower().startswith(("http://", "https://"))
    if base_url is not None and (is_url or absolute(base_url, "") is None):
        raise UsageError("--base-url goes with a file, and must be an http or https address.")
    url, path = (location, None) if is_url else (None, Path(location))
    at = SourceOptions(
        name="suggest",
        kind="html",
        url=url,
        path=path,
        base_url=base_url,
        allow_private_hosts=allow_private_hosts,
        max_pages=1,
    )
    suggestion, reading = asyncio.run(_look(at))
    file = _configuration(context) if write else None
    chosen = _name(name or _made_name(location), file)
    whole = None if path is None else str(path.resolve())
    text = block(suggestion, name=chosen, url=url, path=whole, base_url=base_url)
    if file is not None:
        _append(file, text)
    data = {
        "block": text.strip(),
        "kind": suggestion.kind,
        "preset": suggestion.preset,
        "selectors": dict(suggestion.selectors),
        "written": None if file is None else str(file),
        "items": [
            {"title": item.title, "published": _day(item.published), "link": item.link}
            for item in reading.items
        ],
    }
    emit(data, _suggestion_lines(reading, text, file), as_json=as_json)


async def _look(at: SourceOptions) -> tuple[Suggestion, Reading]:
    page = await get_page(at, default_fetch_options())
    found = await suggest(page, url=at.url)
    options = replace(at, kind=found.kind, preset=found.preset, selectors=found.selectors)
    return found, await read_contained(page, options)


def _suggestion_lines(reading: Reading, text: str, file: Path | None) -> Iterator[str]:
    yield from text.strip().splitlines()
    yield ""
    for item in reading.items[:_SHOWN]:
        about = f"{_day(item.published) or 'no date':10}  {item.language or '--'}"
        yield f"  {about}  {item.title or '(no title)'}"
        yield f"              {item.link or 'no link'}"
        if item.summary:
            yield f"              {item.summary[:90]}"
    more = len(reading.items) - _SHOWN
    yield counted(len(reading.items), "item") + (f", {more} of them not shown" if more > 0 else "")
    if reading.items and not any(item.link for item in reading.items):
        yield "The links are relative. Give the page's original address with --base-url."
    if file is not None:
        yield f"Added to {file}. Read it with `sse-digest fetch`."
    else:
        yield "Compare the items with the page. Use --write to append the block to the configuration."


def _day(published: object) -> str | None:
    return None if published is None else str(published)


def _made_name(location: str) -> str:
    host = urlsplit(location).hostname if "://" in location else Path(location).stem
    parts = [part for part in (host or "").split(".") if part not in {"www", "org", "com", "net", "int"}]
    return _NO_NAME.sub("-", "-".join(parts).lower()).strip("-")[:40] or "news"


def _configuration(context: Context) -> Path:
    file = context.config or Path(os.environ.get("SSE_DIGEST_CONFIG") or "config.toml")
    if not file.is_file():
        raise UsageError(f"There is no configuration {file} to write to. Make one with `sse-digest init`.")
    return file


def _name(wanted: str, file: Path | None) -> str:
    """Return a name that no source of the configuration has."""
    if file is None:
        return wanted
    try:
        known = tomllib.loads(file.read_text(encoding="utf-8")).get("sources", [])
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{file} is not valid TOML ({error}), so nothing was added. Correct it first."
        ) from error
    taken = {str(one.get("name")) for one in known}
    names = (wanted if number == 1 else f"{wanted}-{number}" for number in range(1, len(taken) + 2))
    return next(name for name in names if name not in taken)


def _append(file: Path, text: str) -> None:
    """Append a block to a file atomically."""
    whole = file.read_text(encoding="utf-8").rstrip("\n") + "\n" + text
    tomllib.loads(whole)
    replace_file(file, whole.encode(), mode=file.stat().st_mode & 0o777)

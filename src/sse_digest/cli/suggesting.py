"""`sources suggest`: propose how a page could be read, show what it would give, write it down if wanted."""

import asyncio
import os
import re
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import click

from sse_digest import __version__
from sse_digest.cli.context import Context, emit, json_option, pass_frame
from sse_digest.errors import UsageError
from sse_digest.model.items import Reading
from sse_digest.sources.kinds.sandbox import read_contained
from sse_digest.sources.options import FetchOptions, SourceOptions
from sse_digest.sources.read import get_page
from sse_digest.sources.suggest.suggest import Suggestion, block, suggest
from sse_digest.sources.text.urls import absolute

_SHOWN = 10  # items
_NO_NAME = re.compile(r"[^a-z0-9]+")


@click.command("suggest")
@click.argument("location", metavar="URL_OR_FILE")
@click.option("--name", help="The source's name. Else made from the address.")
@click.option("--base-url", metavar="URL", help="Of a saved page: where it stood, for its relative links.")
@click.option("--write", is_flag=True, help="Add the block at the end of the configuration.")
@click.option("--allow-private-hosts", is_flag=True, help="Also read from addresses that are not public.")
@json_option
@pass_frame
def suggest_(
    frame: Context,
    location: str,
    name: str | None,
    base_url: str | None,
    write: bool,
    allow_private_hosts: bool,
    as_json: bool,
) -> None:
    """Propose a source by looking at a page, and show the items it would give.

    Nothing is fetched again or stored. With --write the block is added to the configuration; what stands
    there is never changed.
    """
    is_url = location.lower().startswith(("http://", "https://"))
    if base_url is not None and (is_url or absolute(base_url, "") is None):
        raise UsageError("--base-url is for a file, and is an http or https address.")
    url, path = (location, None) if is_url else (None, Path(location))
    at = SourceOptions(
        name="suggest",
        kind="html",
        url=url,
        path=path,
        base_url=base_url,
        allow_private_hosts=allow_private_hosts,
    )
    suggestion, reading = asyncio.run(_look(at))
    file = _configuration(frame) if write else None
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
    emit(data, _lines(reading, text, file), as_json=as_json)


async def _look(at: SourceOptions) -> tuple[Suggestion, Reading]:
    page = await get_page(at, FetchOptions(user_agent=f"sse-digest/{__version__}"))
    found = await suggest(page, url=at.url)
    options = replace(at, kind=found.kind, preset=found.preset, selectors=found.selectors)
    return found, await read_contained(page, options)


def _lines(reading: Reading, text: str, file: Path | None) -> Iterator[str]:
    yield from text.strip().splitlines()
    yield ""
    for item in reading.items[:_SHOWN]:
        about = f"{_day(item.published) or 'no date':10}  {item.language or '--'}"
        yield f"  {about}  {item.title or '(no title)'}"
        yield f"              {item.link or 'no link'}"
        if item.summary:
            yield f"              {item.summary[:90]}"
    more = len(reading.items) - _SHOWN
    yield f"{len(reading.items)} items" + (f", {more} of them not shown" if more > 0 else "")
    if reading.items and not any(item.link for item in reading.items):
        yield "Its links are relative, and a file does not say to what: give its address with --base-url."
    if file is not None:
        yield f"Added to {file}. Try it with `sse-digest fetch`."
    else:
        yield "Compare them with the page. With --write the block is added to the configuration."


def _day(published: object) -> str | None:
    return None if published is None else str(published)


def _made_name(location: str) -> str:
    host = urlsplit(location).hostname if "://" in location else Path(location).stem
    parts = [part for part in (host or "").split(".") if part not in {"www", "org", "com", "net", "int"}]
    return _NO_NAME.sub("-", "-".join(parts).lower()).strip("-")[:40] or "news"


def _configuration(frame: Context) -> Path:
    file = frame.config or Path(os.environ.get("SSE_DIGEST_CONFIG") or "config.toml")
    if not file.is_file():
        raise UsageError(f"There is no configuration {file} to write to. Make one with `sse-digest init`.")
    return file


def _name(wanted: str, file: Path | None) -> str:
    """Give a name that no source of the configuration has."""
    if file is None:
        return wanted
    try:
        known = tomllib.loads(file.read_text(encoding="utf-8")).get("sources", [])
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} is not TOML ({error}), so nothing was added. Correct it first.") from error
    taken = {str(one.get("name")) for one in known}
    names = (wanted if number == 1 else f"{wanted}-{number}" for number in range(1, len(taken) + 2))
    return next(name for name in names if name not in taken)


def _append(file: Path, text: str) -> None:
    """Add a block at the end of a file, which is replaced as a whole, or not at all."""
    whole = file.read_text(encoding="utf-8").rstrip("\n") + "\n" + text
    tomllib.loads(whole)
    draft = file.with_name(file.name + ".new")
    draft.write_text(whole, encoding="utf-8")
    draft.chmod(file.stat().st_mode & 0o777)
    draft.replace(file)

"""Propose how a page could be read as a source: its kind and, for a web page, preset or selectors.

The page is examined in a reader process. A person sees the proposal with the items that it finds; nothing is
stored.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sse_digest.errors import SourceError
from sse_digest.model.items import Reading
from sse_digest.sources import KINDS
from sse_digest.sources.kinds.html import parse_page
from sse_digest.sources.kinds.sandbox import bound, run_contained
from sse_digest.sources.options import SourceOptions
from sse_digest.sources.page import Page
from sse_digest.sources.presets import PRESETS
from sse_digest.sources.suggest.layouts import MIN_ITEMS, layouts

_CHILD = "from sse_digest.sources.suggest.suggest import answer; answer()"
_ENOUGH = 0.45  # of 1; a page that scores less is not a list of news
_PROSE = 40  # characters; a shorter summary is more likely a label that was misread
_PLACEHOLDER = "https://page.invalid/"  # the address of a file, so that its relative links can be resolved
_NEARLY = 0.97  # of the best suggestion's score
_BONUS = 0.1  # added to the score of feeds, tables, texts and presets, which are not guesses


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """One way to read a page."""

    kind: str
    preset: str | None = None
    selectors: Mapping[str, str] = field(default_factory=dict)


async def suggest(page: Page, *, url: str | None) -> Suggestion:
    """Return the best way to read a page, found in a reader process.

    Args:
        page: the page.
        url: its address; None: a file.

    Raises:
        SourceError: nothing on the page looks like a list of news, or it needs too much time or memory.
    """
    options = SourceOptions(name="suggest", kind="html", url=url, max_pages=1)
    output = await run_contained(_CHILD, page if page.url else replace(page, url=_PLACEHOLDER), options)
    try:
        answered: dict[str, Any] = json.loads(output)
    except ValueError as error:
        raise SourceError(f"{page.place} could not be examined. Please report this.") from error
    if "problem" in answered:
        raise SourceError(str(answered["problem"]))
    return Suggestion(**answered)


def block(
    suggestion: Suggestion, *, name: str, url: str | None, path: str | None, base_url: str | None = None
) -> str:
    """Return the [[sources]] block for the configuration, as TOML, with a line break before and after it."""
    lines = ["", "[[sources]]", f"name = {_toml(name)}", f"kind = {_toml(suggestion.kind)}"]
    lines.append(f"url = {_toml(url)}" if url is not None else f"path = {_toml(path or '')}")
    if base_url is not None:
        lines.append(f"base_url = {_toml(base_url)}")
    if suggestion.preset is not None:
        lines.append(f"preset = {_toml(suggestion.preset)}")
    if suggestion.selectors:
        pairs = ", ".join(f"{key} = {_toml(value)}" for key, value in suggestion.selectors.items())
        lines.append(f"selectors = {{ {pairs} }}")
    return "\n".join(lines) + "\n"


def _toml(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


# ------------------------------------------------------------------ inside the process


def answer() -> None:
    """Examine the page on standard input, and write the proposal, or the problem, to standard output."""
    bound()
    head, _, data = sys.stdin.buffer.read().partition(b"\n")
    asked = json.loads(head)
    result: Mapping[str, object]
    try:
        best = propose(Page(data=data, **asked["page"]))
        result = {"kind": best.kind, "preset": best.preset, "selectors": dict(best.selectors)}
    except SourceError as error:
        result = {"problem": str(error)}
    sys.stdout.write(json.dumps(result))


def propose(page: Page) -> Suggestion:
    """Return the best way to read the page.

    Raises:
        SourceError: nothing on the page looks like a list of news.
    """
    judged = []
    for place, suggestion in enumerate(_ways(page)):
        worth, titles = _judged(page, suggestion)
        if worth >= _ENOUGH:
            judged.append((worth, -place, titles, suggestion))
    if not judged:
        raise SourceError(
            f"{page.place} has nothing that looks like a list of news: {MIN_ITEMS} or more elements with "
            "the same structure, a title and a link. Look at it in a browser; a script may make its list."
        )
    best = max(judged, key=lambda one: one[:2])
    # A way that finds the same items and more is better: some items have other class names than the rest.
    wider = [one for one in judged if one[2] > best[2] and one[0] >= _NEARLY * best[0]]
    return max((best, *wider), key=lambda one: (len(one[2]), *one[:2]))[3]


def _ways(page: Page) -> Iterator[Suggestion]:
    """Yield the ways to read the page, those that are no guesses first."""
    if page.data.lstrip()[:1] not in {b"<", b"\xef", b"\xff", b"\xfe"}:
        yield from (Suggestion(kind=kind) for kind in ("feed", "table", "text"))
    yield Suggestion(kind="feed")
    yield from (Suggestion(kind="html", preset=preset) for preset in PRESETS)
    try:
        tree, base = parse_page(page)
    except SourceError:
        return
    for _, selectors in layouts(tree, base)[:6]:
        yield Suggestion(kind="html", selectors=selectors)
    yield Suggestion(kind="html")


def _judged(page: Page, suggestion: Suggestion) -> tuple[float, frozenset[str]]:
    """Return the score of a way to read the page, and the titles of its items.

    The score is 0 to 1 for how complete the items are, and `_BONUS` for a way that is not a guess.
    """
    options = SourceOptions(
        name="suggest",
        kind=suggestion.kind,
        url=page.url,
        preset=suggestion.preset,
        selectors=suggestion.selectors,
        max_pages=1,
    )
    try:
        reading = KINDS[suggestion.kind](page, options)
    except SourceError:
        return 0.0, frozenset()
    enough = 1 if suggestion.preset else MIN_ITEMS
    is_no_guess = suggestion.preset is not None or suggestion.kind != "html"
    worth = _completeness(reading, enough) + (_BONUS if is_no_guess else 0.0)
    return worth, _telling_titles(reading)


def _telling_titles(reading: Reading) -> frozenset[str]:
    """Return the titles of the items that have a date and a summary if most items do.

    Other items may be events or links to further pages.
    """
    items = reading.items
    is_dated = 2 * sum(item.published is not None for item in items) > len(items)
    has_texts = 2 * sum(item.summary is not None for item in items) > len(items)
    return frozenset(
        item.title
        for item in items
        if item.title and (item.published or not is_dated) and (item.summary or not has_texts)
    )


def _completeness(reading: Reading, enough: int) -> float:
    count = len(reading.items)
    if count < enough:
        return 0.0
    titles = {
        item.title
        for item in reading.items
        if item.title and not (item.date_text and item.date_text in item.title)  # else it is the whole item
    }
    links = sum(item.link is not None for item in reading.items)
    dates = sum(item.published is not None for item in reading.items)
    summaries = sum(len(item.summary or "") >= _PROSE for item in reading.items)
    scraps = sum(0 < len(item.summary or "") < _PROSE for item in reading.items)
    return (0.35 * len(titles) + 0.2 * links + 0.3 * dates + 0.15 * summaries - 0.1 * scraps) / count

"""Sources proposed by looking at a page: pages of both presets, and layouts that nothing was fitted to."""

import json
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from sse_digest.errors import SourceError
from sse_digest.model.items import Reading, ReadItem
from sse_digest.sources import KINDS
from sse_digest.sources.page import Page
from sse_digest.sources.suggest.suggest import Suggestion, block, propose, suggest
from tests.options import source_options
from tests.pages import HOME, PAGES, PageItem, known_page
from tests.sources.combined import combined
from tests.sources.dresses import CLASSIC, NEW, classic, new, page, rss, table
from tests.sources.layouts import LAYOUTS
from tests.sources.listings import load_listings

SITE = "https://www.example.org/news/"
ITEMS = [
    item
    for listing in load_listings()
    for item in listing.items
    if listing.language == "en" and item.title and item.published and item.precision == "day" and item.summary
][:20]


def right_among(items: Sequence[ReadItem], wanted: Sequence[PageItem]) -> int:
    """Return how many of the wanted items were read as they must be."""
    read = {(item.title, item.summary, item.published, item.link) for item in items}
    return sum((item.title, item.summary, item.published, item.link) in read for item in wanted)


def page_of(text: str | bytes) -> Page:
    return Page(data=text if isinstance(text, bytes) else text.encode(), place="the page", url=SITE)


def read_by(found: Suggestion, at: Page) -> Reading:
    options = source_options(
        name="x", kind=found.kind, url=at.url, preset=found.preset, selectors=found.selectors
    )
    return KINDS[found.kind](at, options)


def whole(items: Sequence[ReadItem], expected: Sequence[ReadItem]) -> float:
    """The share of items with the right title, day and summary."""
    read = {(item.title, item.published, item.summary) for item in items}
    return sum((item.title, item.published, item.summary) in read for item in expected) / len(expected)


# ------------------------------------------------------------------ whole pages


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_page_of_a_layout_nobody_knows_is_read_whole_by_what_is_proposed(
    layout: str, proof: Callable[[str, str], None]
) -> None:
    at = page_of(LAYOUTS[layout](ITEMS))
    reading = read_by(propose(at), at)
    share = whole(reading.items, ITEMS)

    assert share >= 0.9
    assert len(reading.items) == len(ITEMS)
    assert len({item.link for item in reading.items}) == len(ITEMS)
    proof(
        f"a source is proposed for the invented layout {layout}", f"{share:.0%} of {len(ITEMS)} items whole"
    )


@pytest.mark.parametrize("layout", PAGES)
def test_a_page_made_after_the_code_and_without_a_look_at_it_is_read_whole(
    layout: str, proof: Callable[[str, str], None]
) -> None:
    made = known_page(layout)
    at = Page(data=made.text.encode(), place="the page", url=HOME)
    reading = read_by(propose(at), at)
    right = right_among(reading.items, made.items)

    assert right >= 0.9 * len(made.items)
    assert len(reading.items) == len(made.items)
    proof(f"a source is proposed for the layout {layout}", f"{right} of {len(made.items)} items whole")


@pytest.mark.slow
def test_pages_put_together_at_random_are_read_whole(effort: str, proof: Callable[[str, str], None]) -> None:
    count, missed = 1000 if effort == "full" else 60, []
    for seed in range(count):
        told, made = combined(seed)
        at = Page(data=made.text.encode(), place="the page", url=HOME)
        reading = read_by(propose(at), at)
        right = right_among(reading.items, made.items)
        if right < 0.9 * len(made.items) or len(reading.items) != len(made.items):
            missed.append(f"{right} of {len(reading.items)}: {told}")
    proof("sources are proposed for combined layouts", f"{count - len(missed)} of {count} read whole")
    assert len(missed) <= 0.01 * count, missed


@pytest.mark.parametrize(("folder", "preset"), [("classic", "ilo-classic"), ("new", "ilo")])
def test_both_presets_are_recognised_and_read_whole(shared_data: Path, folder: str, preset: str) -> None:
    expected = right = 0
    for path in sorted((shared_data / "news" / "html" / folder).glob("*.html")):
        items = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))["items"]
        at = page_of(path.read_bytes())
        found = propose(at)
        assert found == Suggestion(kind="html", preset=preset), path.name
        read = {(item.title, item.date_text and str(item.published)) for item in read_by(found, at).items}
        expected += len(items)
        right += sum((item["title"], item["date"]) in read or item["date"] is None for item in items)
    assert right >= 0.9 * expected


# Not `linked_card`: articles are read by their structure, and a list of tags in one joins its summary.
@pytest.mark.parametrize("dress", [*CLASSIC, *(dress for dress in NEW if dress != "linked_card")])
def test_a_page_whose_hooks_were_renamed_is_read_by_what_repeats(dress: str) -> None:
    made = classic(ITEMS, CLASSIC[dress]) if dress in CLASSIC else new(ITEMS, NEW[dress])
    text = made.replace("ilo--card", "tile").replace("items-list", "listing").replace("item-title", "head")
    at = page_of(text)
    found = propose(at)

    assert found.preset is None
    assert whole(read_by(found, at).items, ITEMS) >= 0.9


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (rss(ITEMS), "feed"),
        ('{"version": "https://jsonfeed.org/version/1.1", "items": [%s]}' % ",".join(  # noqa: UP031 # JSON has braces
            json.dumps({"id": n, "title": f"Number {n}", "url": f"/{n}", "date_published": "2021-05-12"})
            for n in range(4)
        ), "feed"),
        (table(ITEMS), "table"),
        ("\n".join(f"{n}. News number {n}\n    12 May 2021\n    What it is.\n" for n in range(1, 5)), "text"),
    ],
)  # fmt: skip
def test_what_is_no_web_page_is_recognised(text: str, kind: str) -> None:
    assert propose(page_of(text)) == Suggestion(kind=kind)


@pytest.mark.parametrize(
    "text",
    [
        page("<p>Accept all cookies?</p>"),
        page("<ul>" + "".join(f"<li><a href='/{n}'>Go</a></li>" for n in range(9)) + "</ul>"),
        page("<a href='/x'>the same</a>" * 9),
        "just words",
        "<p>" * 50,
    ],
)
def test_where_nothing_looks_like_news_nothing_is_proposed(text: str) -> None:
    with pytest.raises(SourceError, match="nothing that looks like a list of news"):
        propose(page_of(text))


# ------------------------------------------------------------------ in a process of its own


async def test_a_page_is_looked_at_in_a_process_of_its_own() -> None:
    at = page_of(LAYOUTS["blog"](ITEMS))

    assert await suggest(at, url=SITE) == propose(at)
    with pytest.raises(SourceError, match="looks like a list of news"):
        await suggest(page_of("words"), url=SITE)


def test_the_block_is_toml_that_says_the_same() -> None:
    found = Suggestion(kind="html", selectors={"item": 'li[data-x="1"]', "date": "time"})
    text = block(found, name="news", url=SITE, path=None)
    (source,) = tomllib.loads(text)["sources"]

    assert source == {"name": "news", "kind": "html", "url": SITE, "selectors": dict(found.selectors)}
    text = block(Suggestion(kind="html", preset="ilo"), name="n", url=None, path="C:\\a\n.html")
    assert tomllib.loads(text)["sources"][0]["path"] == "C:\\a\n.html"

"""Write feeds and months as HTML pages for people, which also give items without a link an address.

The pages work without scripts. Addresses within the folder are relative, so that a page can be moved or
opened from a disk.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from itertools import groupby
from urllib.parse import quote

from jinja2 import Environment

from sse_digest.feeds.model import Entry, FeedDocument
from sse_digest.feeds.names import ALL, MEDIA_TYPES, OUTLINE, is_of_issues, name_of
from sse_digest.model.items import Precision
from sse_digest.rendering.design import DEFAULT_APPEARANCE, Appearance
from sse_digest.rendering.environment import make_environment
from sse_digest.rendering.resources import folder
from sse_digest.rendering.translations import direction_of, load, own_name


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthPage:
    """The page of a month or of an issue, as other pages link to it."""

    name: str  # of its page, without the ending
    first: date  # first day of its month


@cache
def page_environment(language: str, appearance: Appearance) -> Environment:
    """Return the Jinja environment of pages, with words in the closest language that has a catalogue.

    Raises:
        SseDigestError: the templates or the catalogue are missing.
    """
    environment = make_environment(folder("templates") / "web", load(language), appearance)
    environment.filters["by_month"] = by_month
    environment.globals["name_of"] = name_of
    environment.globals["is_of_issues"] = is_of_issues
    environment.globals["whole"] = ALL
    environment.globals["of_month"] = Precision.MONTH
    environment.globals["outline"] = OUTLINE
    environment.globals["direction_of"] = direction_of
    environment.globals["own_name"] = own_name
    environment.globals["readers_for"] = readers_for
    environment.globals["on_this_device"] = on_this_device
    environment.globals["media_types"] = {
        format_: kind.partition(";")[0] for format_, kind in MEDIA_TYPES.items()
    }
    return environment


def page(
    document: FeedDocument,
    feeds: Sequence[FeedDocument],
    issues: Sequence[FeedDocument] = (),
    *,
    appearance: Appearance = DEFAULT_APPEARANCE,
    months: Sequence[MonthPage] = (),
    month: MonthPage | None = None,
) -> bytes:
    """Write the page of a feed.

    Args:
        document: the feed.
        feeds: feeds to link to; their entries are not used.
        issues: feeds of issues to link to; their entries are not used.
        appearance: how the page looks.
        months: pages of months to link to.
        month: the month whose page this is, or None for the feed's own page.
    """
    return framed(
        "feed.html",
        document.language,
        appearance,
        document=document,
        feeds=feeds,
        issues=issues,
        known={feed.name for feed in feeds},
        months=months,
        month=month,
    )


def month_page(
    whole: FeedDocument,
    month: MonthPage,
    entries: Sequence[Entry],
    *,
    beside: Sequence[MonthPage],
    feeds: Sequence[FeedDocument],
    issues: Sequence[FeedDocument],
    appearance: Appearance,
) -> bytes:
    """Write the page of a month.

    Args:
        whole: the feed of all items.
        month: the month to write.
        entries: all its items, newest first.
        beside: the month itself and its neighbours.
        feeds: as in `page`.
        issues: as in `page`.
        appearance: how the page looks.
    """
    url = whole.urls["html"].removesuffix(f"{ALL}.html") + f"{month.name}.html"
    document = replace(whole, entries=tuple(entries), urls={**whole.urls, "html": url})
    return page(document, feeds, issues, appearance=appearance, months=beside, month=month)


def framed(template: str, language: str, appearance: Appearance, **values: object) -> bytes:
    """Write a page from one of our templates, in the closest language that has a catalogue.

    Raises:
        SseDigestError: the templates or the catalogue are missing.
    """
    return page_environment(language, appearance).get_template(template).render(values).encode()


def by_month(entries: Iterable[Entry]) -> Iterator[tuple[date, list[Entry]]]:
    """Yield the first day of each month and its entries, both in the order of `entries`."""
    for first, group in groupby(entries, key=lambda entry: entry.dated.date().replace(day=1)):
        yield first, list(group)


_READERS = (  # name, and the address to which the percent-encoded feed address is appended
    ("Feedly", "https://feedly.com/i/subscription/feed%2F"),
    ("Inoreader", "https://www.inoreader.com/?add_feed="),
    ("NewsBlur", "https://www.newsblur.com/?url="),
    ("Feedbin", "https://feedbin.com/?subscribe="),
    ("The Old Reader", "https://theoldreader.com/feeds/subscribe?url="),
)


def readers_for(feed: str) -> Iterator[tuple[str, str]]:
    """Return the name of each web reader and its address for subscribing to a feed."""
    return ((name, begins + quote(feed, safe="")) for name, begins in _READERS)


def on_this_device(feed: str) -> str:
    """Return the address that opens a feed in the feed reader installed on the device."""
    return f"feed:{feed}"

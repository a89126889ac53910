"""Writes feeds and months as plain HTML pages for people; items without a link have their place there.

Works without scripts; addresses within the folder are relative, so the page can be moved or opened
from a disk.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from urllib.parse import quote

from jinja2 import Environment

from sse_digest.feeds.model import Entry, FeedDocument
from sse_digest.feeds.names import ALL, MEDIA_TYPES, OUTLINE, is_of_issues, name_of
from sse_digest.model.items import Precision
from sse_digest.rendering.environment import make_environment
from sse_digest.rendering.resources import folder
from sse_digest.rendering.translations import direction_of, load, own_name


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthPage:
    """A month that has a page."""

    name: str  # of its page, without the ending
    first: date  # its first day


@cache
def page_environment(language: str) -> Environment:
    """Return the environment pages are rendered in, with words in the nearest language there is.

    Raises:
        SseDigestError: the templates or the catalogue are missing.
    """
    environment = make_environment(folder("templates") / "web", load(language))
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
    months: Sequence[MonthPage] = (),
    month: MonthPage | None = None,
) -> bytes:
    """Write the page of a feed.

    Args:
        document: the feed.
        feeds: feeds to go to; their entries are not looked at.
        issues: all feeds of issues; their entries are not looked at, unless the page is one's own.
        months: pages of months to go to.
        month: which the page is of, or None if it is the feed's own.
    """
    return framed(
        "feed.html",
        document.language,
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
) -> bytes:
    """Write the page of a month.

    Args:
        whole: the feed of all items.
        month: of which `entries` are all items, newest first.
        entries: what it shows.
        beside: the month itself and those next to it.
        feeds: as in `page`.
        issues: as in `page`.
    """
    url = whole.urls["html"].removesuffix(f"{ALL}.html") + f"{month.name}.html"
    document = replace(whole, entries=tuple(entries), urls={**whole.urls, "html": url})
    return page(document, feeds, issues, months=beside, month=month)


def framed(template: str, language: str, **values: object) -> bytes:
    """Write a page from one of our templates, its own words in the nearest language there is.

    Raises:
        SseDigestError: the templates or the catalogue are missing.
    """
    return page_environment(language).get_template(template).render(values).encode()


_READERS = (  # name, and the address up to that of the feed, which follows percent-encoded
    ("Feedly", "https://feedly.com/i/subscription/feed%2F"),
    ("Inoreader", "https://www.inoreader.com/?add_feed="),
    ("NewsBlur", "https://www.newsblur.com/?url="),
    ("Feedbin", "https://feedbin.com/?subscribe="),
    ("The Old Reader", "https://theoldreader.com/feeds/subscribe?url="),
)


def readers_for(feed: str) -> Iterator[tuple[str, str]]:
    """Return the name of each reader and the address at which it takes up a feed."""
    return ((name, begins + quote(feed, safe="")) for name, begins in _READERS)


def on_this_device(feed: str) -> str:
    """Return the address that opens a feed in the program that the device has for feeds."""
    return f"feed:{feed}"

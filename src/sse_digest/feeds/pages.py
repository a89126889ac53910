"""Writes feeds and months as plain HTML pages for people; items without a link have their place there.

Works without scripts; addresses within the folder are relative, so the page can be moved or opened
from a disk.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from itertools import groupby

from jinja2 import Environment

from sse_digest.feeds.addresses import ALL, MEDIA_TYPES, OUTLINE, is_of_issues, month_of, name_of
from sse_digest.feeds.feed import Entry, FeedDocument
from sse_digest.model.items import Precision
from sse_digest.rendering.catalogues import direction_of, load, own_name
from sse_digest.rendering.environment import make_environment
from sse_digest.rendering.places import folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """A month that has a page."""

    name: str  # of its page, without the ending
    first: date  # its first day


@cache
def page_environment(language: str) -> Environment:
    """Give the environment pages are rendered in, with words in the nearest language there is.

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
    environment.globals["media_types"] = {
        format_: kind.partition(";")[0] for format_, kind in MEDIA_TYPES.items()
    }
    return environment


def pages_for(
    feeds: Sequence[FeedDocument], entries: Sequence[Entry], issues: Sequence[FeedDocument] = ()
) -> dict[str, bytes]:
    """Write the page of every feed and of every month, by file name.

    Args:
        feeds: all feeds of items, that of all items first.
        entries: of all items, newest first.
        issues: all feeds of issues.
    """
    months = {
        name: tuple(of_month) for name, of_month in groupby(entries, key=lambda entry: month_of(entry.dated))
    }
    shelf = tuple(
        Month(name=name, first=of_month[0].dated.date().replace(day=1)) for name, of_month in months.items()
    )
    whole, *others = feeds
    documents = {name_of(feed.name, "html"): _page(feed, feeds, issues) for feed in others}
    documents |= {name_of(feed.name, "html"): _page(feed, issues) for feed in issues}
    documents[name_of(whole.name, "html")] = _page(whole, feeds, issues, months=shelf)
    for place, month in enumerate(shelf):
        url = whole.urls["html"].removesuffix(f"{ALL}.html") + f"{month.name}.html"
        document = replace(whole, entries=months[month.name], urls={**whole.urls, "html": url})
        beside = shelf[max(place - 1, 0) : place + 2]
        documents[f"{month.name}.html"] = _page(document, feeds, issues, months=beside, month=month)
    return documents


def _page(
    document: FeedDocument,
    feeds: Sequence[FeedDocument],
    issues: Sequence[FeedDocument] = (),
    *,
    months: Sequence[Month] = (),
    month: Month | None = None,
) -> bytes:
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


def framed(template: str, language: str, **values: object) -> bytes:
    """Write a page from one of our templates, its own words in the nearest language there is.

    Raises:
        SseDigestError: the templates or the catalogue are missing.
    """
    return page_environment(language).get_template(template).render(values).encode()

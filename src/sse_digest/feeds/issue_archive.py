"""The archive of issues: a feed of each digest in each language, and a page for each of its issues; pure.

The content of a page is rendered elsewhere. This module adds its frame, its address and its neighbours.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import groupby

from sse_digest.feeds.formats.html import MonthPage, framed
from sse_digest.feeds.model import Entry, FeedDocument, Translation
from sse_digest.feeds.names import FeedKey, issue_page, issues_of, uri, url_of, urls_of
from sse_digest.feeds.options import FeedOptions
from sse_digest.feeds.xml_text import clean
from sse_digest.model.issues import IssuePage
from sse_digest.model.items import Precision
from sse_digest.model.tag_uri import TagAuthority
from sse_digest.rendering.design import Appearance
from sse_digest.rendering.translations import load, own_name

_TICK = timedelta(microseconds=1)


def issue_feeds(
    issues: Collection[IssuePage], options: FeedOptions, tag: TagAuthority
) -> tuple[FeedDocument, ...]:
    """Return a feed of all issues for each digest and language, newest issue first.

    Raises:
        FeedError: `public_url` is not an http or https address.
    """
    shelves = _shelves(issues)
    return tuple(_feed(key, shelf, tuple(shelves), options, tag) for key, shelf in shelves.items())


def issue_ids(issues: Collection[IssuePage], tag: TagAuthority) -> frozenset[str]:
    """Return the ids of all entries in the feeds of issues."""
    return frozenset(_id(issue, tag) for issue in issues)


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueDocument:
    """Everything that the page of an issue is made from."""

    name: str  # file name
    issue: IssuePage
    document: FeedDocument  # the feed it is in
    sisters: Mapping[str, str]  # file names of the issue by language, its own included
    newer: MonthPage | None
    older: MonthPage | None


def issue_sheets(issues: Collection[IssuePage], feeds: Sequence[FeedDocument]) -> Iterator[IssueDocument]:
    """Yield the document of every issue; `feeds` is the result of `issue_feeds`."""
    by_key = {feed.key: feed for feed in feeds}
    for key, shelf in _shelves(issues).items():
        for place, issue in enumerate(shelf):
            yield IssueDocument(
                name=_name(issue),
                issue=issue,
                document=replace(by_key[key], entries=()),
                sisters=_sisters(issue, issues),
                newer=_neighbour(shelf[place - 1 : place]),
                older=_neighbour(shelf[place + 1 : place + 2]),
            )


def issue_page_of(sheet: IssueDocument, appearance: Appearance) -> bytes:
    """Write the page of an issue.

    Raises:
        ValueError: its HTML was not loaded.
    """
    if sheet.issue.html is None:
        raise ValueError(f"{sheet.name} cannot be written: its HTML was not loaded")
    return framed(
        "archive.html",
        sheet.issue.language,
        appearance,
        issue=sheet.issue,
        address=f"{sheet.document.urls['html'].rpartition('/')[0]}/{sheet.name}",
        document=sheet.document,
        sisters=sheet.sisters,
        newer=sheet.newer,
        older=sheet.older,
    )


def _neighbour(found: Sequence[IssuePage]) -> MonthPage | None:
    return MonthPage(name=_name(found[0]), first=found[0].period.first_day) if found else None


def _sisters(issue: IssuePage, issues: Collection[IssuePage]) -> Mapping[str, str]:
    """Return the file names of an issue's page by language, its own included."""
    return {
        other.language: _name(other)
        for other in issues
        if (other.digest, other.period) == (issue.digest, issue.period)
    }


def _shelves(issues: Collection[IssuePage]) -> Mapping[FeedKey, tuple[IssuePage, ...]]:
    """Sort issues into feeds, newest period first."""
    ordered = sorted(issues, key=lambda issue: issue.period, reverse=True)
    keyed = sorted(ordered, key=lambda issue: (issue.digest, issue.language))
    return {
        issues_of(*key): tuple(shelf)
        for key, shelf in groupby(keyed, key=lambda issue: (issue.digest, issue.language))
    }


def _feed(
    key: FeedKey,
    shelf: Sequence[IssuePage],
    keys: Sequence[FeedKey],
    options: FeedOptions,
    tag: TagAuthority,
) -> FeedDocument:
    catalogue, urls = load(shelf[0].language), urls_of(key, options)
    title = clean(shelf[0].digest_title) or shelf[0].digest
    entries = _entries(shelf, options, tag)
    return FeedDocument(
        key=key,
        label=title,
        language_name=own_name(shelf[0].language),
        id=tag.uri(f"feed/{key.name}"),
        title=catalogue.gettext("%(title)s: issues") % {"title": title},
        subtitle=clean(options.author),
        author=clean(options.author),
        language=catalogue.language,
        rights=clean(options.rights),
        site_url=uri(options.site_url) or urls["html"],
        urls=urls,
        ttl_minutes=options.ttl_minutes,
        icon=uri(options.icon),
        logo=uri(options.logo),
        updated=entries[0].updated,
        entries=entries,
        hub=uri(options.hub),
        sisters=tuple(
            Translation(
                language=other.language,
                label=own_name(other.language or ""),
                urls=urls_of(other, options),
            )
            for other in keys
            if other.theme == key.theme and other != key
        ),
    )


def _entries(shelf: Sequence[IssuePage], options: FeedOptions, tag: TagAuthority) -> tuple[Entry, ...]:
    entries: list[Entry] = []
    last = datetime.min.replace(tzinfo=UTC)
    for issue in reversed(shelf):
        last = max(issue.came_out.astimezone(UTC), last + _TICK)  # distinct, and newest last
        entries.append(_entry(issue, last, options, tag))
    return tuple(reversed(entries))


def _entry(issue: IssuePage, came_out: datetime, options: FeedOptions, tag: TagAuthority) -> Entry:
    place = url_of(options.public_url, _name(issue))
    return Entry(
        id=_id(issue, tag),
        anchor=f"issue-{issue.period}",
        title=clean(issue.title) or str(issue.period),
        summary=clean(issue.summary),
        dateline="",
        link=place,
        place=place,
        words="",
        credit="",
        group=tag.uri(f"issue/{issue.digest}/{issue.period}"),
        location="",
        published=came_out,
        day=came_out.date(),
        precision=Precision.DAY,
        seen=came_out,
        updated=came_out,
        language=issue.language,
        kicker="",
        categories=(),
    )


def _id(issue: IssuePage, tag: TagAuthority) -> str:
    return tag.uri(f"issue/{issue.digest}/{issue.period}/{issue.language}")


def _name(issue: IssuePage) -> str:
    return issue_page(issue.digest, issue.period, issue.language)

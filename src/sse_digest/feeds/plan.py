"""Decide which documents are published and what is in them; pure.

Documents are: every feed with its page and its archives; a page for each month, to which entries without a
link point; the feeds and pages of issues; and the list of all feeds.
"""

from bisect import bisect_left
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from sse_digest.feeds.assemble import ArchivePlan, FeedPlan, archive_document, beginning_of, feed_document
from sse_digest.feeds.entry import make_entry
from sse_digest.feeds.feed_index import FeedIndex, sort_into_feeds
from sse_digest.feeds.formats.feedgen_writer import atom, rss
from sse_digest.feeds.formats.html import MonthPage, month_page, page
from sse_digest.feeds.formats.json_feed import json_feed
from sse_digest.feeds.formats.opml import outline
from sse_digest.feeds.issue_archive import IssueDocument, issue_feeds, issue_page_of, issue_sheets
from sse_digest.feeds.ledger import Ledger, instant_of
from sse_digest.feeds.model import Entry, FeedDocument
from sse_digest.feeds.names import FEED_FORMATS, OUTLINE, FeedKey, archive_of, name_of
from sse_digest.feeds.options import FeedOptions
from sse_digest.feeds.output.draft import Batch, PendingDocuments, Revisions, UnreadPage
from sse_digest.feeds.output.redirects import with_last_entry
from sse_digest.model.issues import IssuePage
from sse_digest.model.items import Item
from sse_digest.model.tag_uri import TagAuthority
from sse_digest.rendering.design import Appearance

_WRITERS: Mapping[str, Callable[[FeedDocument], bytes]] = {"atom": atom, "rss": rss, "json": json_feed}


def batches_for(
    ledger: Ledger,
    options: FeedOptions,
    tag: TagAuthority,
    *,
    program: bytes = b"",
    kept: Collection[str] = (),
    issues: Collection[IssuePage] = (),
) -> Iterator[Batch]:
    """Yield batches with the drafts of all documents.

    Args:
        ledger: all items.
        options: addresses, titles, themes and their order.
        tag: mints the ids.
        program: hash of the program, its templates and catalogues, which is part of every revision.
        kept: file names published before; their feeds stay, even if they are empty now.
        issues: all pages of issues, in any order.

    Raises:
        FeedError: `public_url` is not an http or https address, or a theme's key cannot be part of one.
        SseDigestError: the templates or catalogues are missing.
    """
    library, of_issues = sort_into_feeds(ledger, options, kept), issue_feeds(issues, options, tag)
    moved_at = _moved_at(ledger, of_issues, options, tag)
    if moved_at:
        of_issues = tuple(with_last_entry(feed, options, tag, when=moved_at) for feed in of_issues)
    drafts = draft_factory(library, options, tag, program, issues=of_issues, moved_at=moved_at)
    yield partial(drafts.common, issues)
    yield from (partial(drafts.feed_drafts, key) for key in library.keys)
    yield from (partial(drafts.archive_drafts, number) for number in range(1, ledger.closed + 1))
    for place, month in enumerate(drafts.months):
        beside = drafts.months[max(place - 1, 0) : place + 2]
        yield partial(drafts.month_drafts, month, beside, drafts.by_month[month.name])


def _moved_at(
    ledger: Ledger, of_issues: Sequence[FeedDocument], options: FeedOptions, tag: TagAuthority
) -> datetime | None:
    """Return the date of the entries that announce new addresses, or None if no feed moved.

    It is later than all items, hidden ones too, because the date of an entry must never go back.
    """
    if not options.moved_to:
        return None
    of_items = [instant_of(max(ledger.updated))] if ledger.updated else []
    return max(beginning_of(tag), *of_items, *(feed.updated for feed in of_issues)) + timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftFactory:
    """Makes drafts from everything they need."""

    library: FeedIndex
    options: FeedOptions
    tag: TagAuthority
    stamp: Revisions
    issues: Sequence[FeedDocument]  # feeds of issues
    moved_at: datetime | None
    heads: Sequence[FeedDocument]  # feeds of items, without their entries
    frame: bytes  # revision of what every page says about the other feeds
    by_month: Mapping[str, Sequence[int]]  # places of items by the name of a month's page
    months: Sequence[MonthPage]

    def common(self, issues: Collection[IssuePage]) -> Iterator[PendingDocuments]:
        """Yield drafts of documents without items: the list of feeds, and the feeds and pages of issues."""
        shelf = (*self.heads, *self.issues)
        yield self._draft(("outline", shelf), (OUTLINE,), lambda: {OUTLINE: outline(shelf)})
        for feed in self.issues:
            yield self._draft(feed, _names(feed.name), partial(_written, feed))
            name = name_of(feed.name, "html")
            yield self._draft(
                ("page", feed, self.frame),
                (name,),
                partial(_page_of_issues, name, feed, self.issues, self.options.appearance),
            )
        for sheet in issue_sheets(issues, self.issues):
            draft = self._draft(sheet, (sheet.name,), partial(_issue_page, self.options.appearance, sheet))
            is_unread = sheet.issue.html is None
            page = (
                UnreadPage(issue=sheet.issue, write=partial(_read_page, self.options.appearance, sheet))
                if is_unread
                else None
            )
            yield replace(draft, page=page)

    def feed_drafts(self, key: FeedKey) -> Iterator[PendingDocuments]:
        """Yield drafts of a feed and its page."""
        plan, places = self._plan(key), self.library.current(key)
        marks, ids, last = self.library.ledger.marks(places), partial(self._ids, places), plan.last
        yield PendingDocuments(
            names=tuple(name_of(key.name, format_) for format_ in FEED_FORMATS),
            revision=self.stamp.revision(plan, marks),
            ids=ids,
            leads_to=_names(archive_of(key.name, last))[:1] if last else (),
            write=lambda items: _written(self.feed(key, items)),
        )
        name, months = name_of(key.name, "html"), self.months if key == FeedKey() else ()
        yield PendingDocuments(
            names=(name,),
            revision=self.stamp.revision(("page", plan, self.frame, months), marks),
            ids=ids,
            write=lambda items: {
                name: page(
                    self.feed(key, items),
                    self.heads,
                    self.issues,
                    appearance=self.options.appearance,
                    months=months,
                )
            },
        )

    def feed(self, key: FeedKey, items: Mapping[str, Item]) -> FeedDocument:
        """Put the subscription document of a feed together."""
        entries = self._entries(self.library.current(key), items, key)
        return feed_document(self._plan(key), entries, self.options, self.tag)

    def archive_drafts(self, number: int) -> Iterator[PendingDocuments]:
        """Yield drafts of the archive with this number, for every feed that has one."""
        held = self.library.archived(number)
        for key, numbers in self.library.archives.items():
            place = bisect_left(numbers, number)
            if numbers[place : place + 1] != [number]:
                continue
            before, behind = numbers[place - 1 : place], numbers[place + 1 : place + 2]
            beside = [archive_of(key.name, one) for one in (*before, *behind)]
            plan = ArchivePlan(
                key=key,
                number=number,
                before=before[0] if before else None,
                behind=behind[0] if behind else None,
            )
            places = held.get(key, ())
            yield PendingDocuments(
                names=_names(archive_of(key.name, number)),
                revision=self.stamp.revision(plan, self.library.ledger.marks(places)),
                ids=partial(self._ids, places),
                leads_to=tuple(_names(one)[0] for one in (key.name, *beside)),
                write=partial(self._archive, plan, places),
            )

    def month_drafts(
        self, month: MonthPage, beside: Sequence[MonthPage], places: Sequence[int]
    ) -> Iterator[PendingDocuments]:
        """Yield the draft of a month's page."""
        name = f"{month.name}.html"
        yield PendingDocuments(
            names=(name,),
            revision=self.stamp.revision(
                ("month", month, beside, self.frame), self.library.ledger.marks(places)
            ),
            ids=partial(self._ids, places),
            write=lambda items: {
                name: month_page(
                    self.heads[0],
                    month,
                    self._entries(places, items, FeedKey()),
                    beside=beside,
                    feeds=self.heads,
                    issues=self.issues,
                    appearance=self.options.appearance,
                )
            },
        )

    def _archive(
        self, plan: ArchivePlan, places: Sequence[int], items: Mapping[str, Item]
    ) -> Mapping[str, bytes]:
        entries = self._entries(places, items, plan.key)
        name = archive_of(plan.key.name, plan.number)
        return _written(archive_document(plan, entries, self.options, self.tag), name)

    def _plan(self, key: FeedKey) -> FeedPlan:
        # Other feeds leave it out; it changes with every new item, and they would be written each time.
        return _plan(self.library, key, self.moved_at if key.name in self.options.moved_to else None)

    def _ids(self, places: Sequence[int]) -> frozenset[str]:
        return frozenset(self.library.ledger.ids[place] for place in places)

    def _entries(self, places: Sequence[int], items: Mapping[str, Item], key: FeedKey) -> tuple[Entry, ...]:
        ledger = self.library.ledger
        return tuple(
            make_entry(
                items[ledger.ids[place]],
                updated=instant_of(ledger.updated[place]),
                options=self.options,
                tag=self.tag,
                language=key.language,
            )
            for place in places
        )

    def _draft(
        self, plan: object, names: tuple[str, ...], write: Callable[[], Mapping[str, bytes]]
    ) -> PendingDocuments:
        return PendingDocuments(names=names, revision=self.stamp.revision(plan), write=lambda _: write())


def draft_factory(
    library: FeedIndex,
    options: FeedOptions,
    tag: TagAuthority,
    program: bytes = b"",
    *,
    issues: Sequence[FeedDocument] = (),
    moved_at: datetime | None = None,
) -> DraftFactory:
    """Return the factory that makes drafts of these feeds."""
    stamp, by_month = Revisions(options, tag, program), library.months()
    heads = tuple(feed_document(_plan(library, key, None), (), options, tag) for key in library.keys)
    # Other pages do not show the date of an issue, so it must not change their revision.
    heads_of_issues = [replace(feed, entries=(), updated=beginning_of(tag)) for feed in issues]
    return DraftFactory(
        library=library,
        options=options,
        tag=tag,
        stamp=stamp,
        issues=issues,
        moved_at=moved_at,
        heads=heads,
        frame=stamp.revision((library.keys, heads_of_issues)),
        by_month=by_month,
        months=tuple(
            MonthPage(name=name, first=instant_of(library.ledger.dated[places[0]]).date().replace(day=1))
            for name, places in by_month.items()
        ),
    )


def _plan(library: FeedIndex, key: FeedKey, moved_at: datetime | None) -> FeedPlan:
    archives = library.archives[key]
    return FeedPlan(
        key=key,
        last=archives[-1] if archives else None,
        sisters=library.sisters(key),
        moved_at=moved_at,
    )


def _page_of_issues(
    name: str, feed: FeedDocument, issues: Sequence[FeedDocument], appearance: Appearance
) -> dict[str, bytes]:
    return {name: page(feed, issues, appearance=appearance)}


def _issue_page(appearance: Appearance, sheet: IssueDocument) -> dict[str, bytes]:
    return {sheet.name: issue_page_of(sheet, appearance)}


def _read_page(appearance: Appearance, sheet: IssueDocument, html: str) -> dict[str, bytes]:
    return _issue_page(appearance, replace(sheet, issue=replace(sheet.issue, html=html)))


def _names(feed: str) -> tuple[str, ...]:
    return tuple(f"{feed}.{format_}" for format_ in FEED_FORMATS)


def _written(document: FeedDocument, name: str | None = None) -> dict[str, bytes]:
    return {f"{name or document.name}.{format_}": write(document) for format_, write in _WRITERS.items()}

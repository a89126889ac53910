"""Publish: write the documents that changed, validate them and swap the generation in as a whole.

If anything goes wrong, the previous generation stays published. Most documents are never opened: their
drafts show that they have not changed.
"""

import asyncio
from bisect import bisect_left
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from hashlib import blake2b

from sse_digest.feeds.ledger import Ledger
from sse_digest.feeds.output.build import Build, BuildReport
from sse_digest.feeds.output.draft import Batch, PendingDocuments, UnreadPage
from sse_digest.feeds.validation.findings import FeedFinding, found
from sse_digest.feeds.validation.validate import ValidationContext, judge, refuse
from sse_digest.model.issues import IssuePage
from sse_digest.model.items import Item
from sse_digest.model.tag_uri import TagAuthority, item_of

ItemsOf = Callable[[Collection[str]], Mapping[str, Item]]
"""Returns items by their ids, all from one state of the database."""


HtmlOf = Callable[[IssuePage], str]
"""Returns the HTML on the page of an issue."""


async def publish(
    build: Build,
    batches: Iterable[Batch],
    items_of: ItemsOf,
    gate: ValidationContext,
    html_of: HtmlOf | None = None,
) -> BuildReport:
    """Publish the documents of some drafts; publishing the same drafts again changes nothing.

    Args:
        build: the generation being built.
        batches: of drafts; every document is in exactly one.
        items_of: loads the items of one batch.
        gate: what changed documents are validated against.
        html_of: loads the HTML on the page of an issue; None if all pages have theirs.

    Raises:
        FeedError: a document breaks a rule, or the build has ended.
        OSError: a file cannot be read or written.
        ValueError: a name would be a hidden file or outside the folder.
    """
    waiting, findings = await asyncio.to_thread(_take_up, build, batches)
    for batch in waiting:
        drafts = [draft for draft in batch() if build.waits(draft)]
        items = await asyncio.to_thread(items_of, {item_id for draft in drafts for item_id in draft.ids()})
        for draft in drafts:
            if draft.page and html_of:  # loaded one at a time: together they may be as large as all items
                draft = _read(draft, draft.page, html_of(draft.page.issue))  # noqa: PLW2901 # the same one
            findings += await asyncio.to_thread(_write, build, draft, items, gate, is_refused=bool(findings))
    refuse(findings)
    return await asyncio.to_thread(build.finish)


def _read(draft: PendingDocuments, page: UnreadPage, html: str) -> PendingDocuments:
    return replace(draft, write=lambda _: page.write(html))


def carried_over(build: Build, names: Iterable[str]) -> Iterator[Batch]:
    """Yield a batch for each published document whose digest or language is no longer configured.

    Addresses are permanent, so the document stays. Iterate after all other drafts were added to the build.
    """
    for name in names:
        if not build.holds(name) and (body := build.body(name)) is not None:
            yield partial(_carried, name, body)


def _carried(name: str, body: bytes) -> Iterator[PendingDocuments]:
    revision = blake2b(body, digest_size=16).digest()
    yield PendingDocuments(names=(name,), revision=revision, write=lambda _: {name: body})


class KnownIds(Container[str]):
    """The ids of all entries that may have been published: of all items, hidden ones too, and `others`."""

    def __init__(self, ledger: Ledger, tag: TagAuthority, others: Collection[str]) -> None:
        self._ids = sorted(ledger.ids)  # takes less memory than a set
        self._tag, self._others = tag, others

    def __contains__(self, entry: object) -> bool:
        """Return whether an entry's id is known."""
        item_id = item_of(entry if isinstance(entry, str) else None)
        if item_id is None or entry != self._tag.item(item_id):
            return entry in self._others
        place = bisect_left(self._ids, item_id)
        return self._ids[place : place + 1] == [item_id]


def _take_up(build: Build, batches: Iterable[Batch]) -> tuple[Sequence[Batch], list[FeedFinding]]:
    """Add all drafts to the build; return the batches that need writing, and findings about broken links."""
    waiting: list[Batch] = []
    named: set[tuple[str, str]] = set()  # a document, and a document it links to that has not come yet
    for batch in batches:
        is_unchanged = True
        for draft in batch():
            is_unchanged &= build.keeps(draft)
            named.update((draft.names[0], there) for there in draft.leads_to if not build.holds(there))
        if not is_unchanged:
            waiting.append(batch)
    return waiting, list(_broken(build, named))


def _broken(build: Build, named: Iterable[tuple[str, str]]) -> Iterator[FeedFinding]:
    for name, there in sorted(named):
        if not build.holds(there):
            yield from found(name, [("chain", None, f"it links to {there}, which is not published")])


def _write(
    build: Build,
    draft: PendingDocuments,
    items: Mapping[str, Item],
    gate: ValidationContext,
    *,
    is_refused: bool,
) -> tuple[FeedFinding, ...]:
    documents = draft.write(items)
    findings = judge(documents, build.body, build.holds, gate)
    if not findings and not is_refused:
        build.write(draft, documents)
    return findings

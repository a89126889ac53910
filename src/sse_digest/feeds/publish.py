"""Publishes: what changed is written, judged and swapped in as a whole; whatever goes wrong, the last stands.

Most documents are never looked into: their drafts say that they stand already.
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
"""Gives items by their ids, all of one state of the database."""


HtmlOf = Callable[[IssuePage], str]
"""Gives what stands on the page of an issue."""


async def publish(
    build: Build,
    batches: Iterable[Batch],
    items_of: ItemsOf,
    gate: ValidationContext,
    html_of: HtmlOf | None = None,
) -> BuildReport:
    """Publish what the drafts give; the same drafts twice change nothing.

    Args:
        build: of the folder.
        batches: of drafts, every document in exactly one.
        items_of: gives the items of one batch at a time.
        gate: every document that changes passes it.
        html_of: gives what pages of issues show; None where they have it.

    Raises:
        FeedError: a rule is broken.
        OSError: the disk refuses.
        ValueError: a name would leave the folder or hide.
    """
    waiting, findings = await asyncio.to_thread(_take_up, build, batches)
    for batch in waiting:
        drafts = [draft for draft in batch() if build.waits(draft)]
        items = await asyncio.to_thread(items_of, {item_id for draft in drafts for item_id in draft.ids()})
        for draft in drafts:
            if draft.page and html_of:  # one at a time: all of them may be as large as all items
                draft = _read(draft, draft.page, html_of(draft.page.issue))  # noqa: PLW2901 # the same one
            findings += await asyncio.to_thread(_write, build, draft, items, gate, is_refused=bool(findings))
    refuse(findings)
    return await asyncio.to_thread(build.finish)


def _read(draft: PendingDocuments, page: UnreadPage, html: str) -> PendingDocuments:
    return replace(draft, write=lambda _: page.write(html))


def carried_over(build: Build, names: Iterable[str]) -> Iterator[Batch]:
    """Yield drafts of published documents of digests and languages that are no longer configured.

    Addresses are permanent. Ask when all other drafts were taken up.
    """
    for name in names:
        if not build.holds(name) and (body := build.body(name)) is not None:
            yield partial(_carried, name, body)


def _carried(name: str, body: bytes) -> Iterator[PendingDocuments]:
    revision = blake2b(body, digest_size=16).digest()
    yield PendingDocuments(names=(name,), revision=revision, write=lambda _: {name: body})


class KnownIds(Container[str]):
    """The ids of all entries that may have been published: of every item, hidden ones too, and of others."""

    def __init__(self, ledger: Ledger, tag: TagAuthority, others: Collection[str]) -> None:
        self._ids = sorted(ledger.ids)  # takes less than a set
        self._tag, self._others = tag, others

    def __contains__(self, entry: object) -> bool:
        """Return whether an entry's id is known."""
        item_id = item_of(entry if isinstance(entry, str) else None)
        if item_id is None or entry != self._tag.item(item_id):
            return entry in self._others
        place = bisect_left(self._ids, item_id)
        return self._ids[place : place + 1] == [item_id]


def _take_up(build: Build, batches: Iterable[Batch]) -> tuple[Sequence[Batch], list[FeedFinding]]:
    """Return the batches in which something is to be written, and what the drafts alone give away."""
    waiting: list[Batch] = []
    named: set[tuple[str, str]] = set()  # a document, and one that it leads to, not met yet
    for batch in batches:
        stand = True
        for draft in batch():
            stand &= build.keeps(draft)
            named.update((draft.names[0], there) for there in draft.leads_to if not build.holds(there))
        if not stand:
            waiting.append(batch)
    return waiting, list(_broken(build, named))


def _broken(build: Build, named: Iterable[tuple[str, str]]) -> Iterator[FeedFinding]:
    for name, there in sorted(named):
        if not build.holds(there):
            yield from found(name, [("chain", None, f"it leads to {there}, which is not published")])


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

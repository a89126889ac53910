"""Publishes at one call, as tests need it: documents as they are, or items by all steps."""

import asyncio
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from itertools import chain
from pathlib import Path

from sse_digest.feeds.issue_archive import issue_ids
from sse_digest.feeds.ledger import open_ledger
from sse_digest.feeds.names import is_of_issues
from sse_digest.feeds.options import FeedOptions
from sse_digest.feeds.output.build import Build, BuildReport
from sse_digest.feeds.output.draft import PendingDocuments
from sse_digest.feeds.output.generations import explained, take_turn
from sse_digest.feeds.output.redirects import moved_ids
from sse_digest.feeds.plan import batches_for
from sse_digest.feeds.publish import KnownIds, carried_over
from sse_digest.feeds.publish import publish as publish_batches
from sse_digest.feeds.validation.validate import ValidationContext
from sse_digest.model.issues import IssuePage
from sse_digest.model.items import Item
from tests.feeds.feeds import TAG

NOW = datetime(2030, 1, 1, tzinfo=UTC)
HTML = "<h1>Issue</h1>"  # of every issue that is published without


def publish(folder: Path, documents: Mapping[str, bytes], *, patience_s: float = 60) -> BuildReport:
    """Wait for the turn, then publish these documents as they are: no rule is asked."""
    drafts = [
        PendingDocuments(
            names=(name,),
            revision=blake2b(body, digest_size=16).digest(),
            write=lambda _, name=name, body=body: {name: body},  # type: ignore[misc] # of this turn of the loop
        )
        for name, body in documents.items()
    ]
    with take_turn(folder, patience_s=patience_s) as turn, explained(folder), Build(turn) as build:
        for draft in drafts:
            build.keeps(draft)
        for draft in filter(build.waits, drafts):
            build.write(draft, draft.write({}))
        return build.finish()


@dataclass(frozen=True)
class Published:
    """What one publish of items did."""

    built: BuildReport
    asked: frozenset[str]  # ids of the items whose texts were needed
    read: tuple[str, ...] = ()  # issues whose HTML was needed


def publish_items(
    folder: Path,
    items: Iterable[Item],
    options: FeedOptions,
    *,
    program: bytes = b"",
    issues: Collection[IssuePage] = (),
    anew: bool = False,
    now: datetime = NOW,
) -> Published:
    """Publish items as `sse-digest publish` does, and tell which of them were looked into."""
    by_id, asked, read = {item.id: item for item in items}, set[str](), list[str]()

    def items_of(ids: Collection[str]) -> Mapping[str, Item]:
        asked.update(ids)
        return {item_id: by_id[item_id] for item_id in ids}

    def html_of(issue: IssuePage) -> str:
        read.append(str(issue.period))
        return HTML

    ledger = open_ledger(by_id.values(), options.range_length)
    with take_turn(folder) as turn, Build(turn, anew=anew) as build:
        kept, names = build.firsts(), list(build.names())
        batches = chain(
            batches_for(ledger, options, TAG, program=program, kept=kept, issues=issues),
            carried_over(build, [name for name in names if is_of_issues(name)]),
        )
        known = KnownIds(ledger, TAG, issue_ids(issues, TAG) | moved_ids(kept, TAG))
        gate = ValidationContext(known=known, now=now)
        built = asyncio.run(publish_batches(build, batches, items_of, gate, html_of))
    return Published(built, frozenset(asked), tuple(read))

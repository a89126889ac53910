"""Every document and every feed there is, made from items that are in memory."""

from collections.abc import Collection, Iterable

from sse_digest.feeds.feed_index import sort_into_feeds
from sse_digest.feeds.ledger import open_ledger
from sse_digest.feeds.model import FeedDocument
from sse_digest.feeds.options import FeedOptions
from sse_digest.feeds.plan import batches_for, draft_factory
from sse_digest.model.issues import IssuePage
from sse_digest.model.items import Item
from sse_digest.model.tag_uri import TagAuthority


def documents_for(
    items: Iterable[Item],
    options: FeedOptions,
    tag: TagAuthority,
    *,
    kept: Collection[str] = (),
    issues: Collection[IssuePage] = (),
) -> dict[str, bytes]:
    """Write every document there is to publish, by file name; arguments and errors as `batches_for`."""
    by_id = {item.id: item for item in items}
    ledger = open_ledger(by_id.values(), options.range_length)
    documents: dict[str, bytes] = {}
    for batch in batches_for(ledger, options, tag, kept=kept, issues=issues):
        for draft in batch():
            documents |= draft.write(by_id)
    return documents


def feeds_for(
    items: Iterable[Item], options: FeedOptions, tag: TagAuthority, *, kept: Collection[str] = ()
) -> tuple[FeedDocument, ...]:
    """Return every feed there is, that of all items first; arguments and errors as `batches_for`."""
    by_id = {item.id: item for item in items}
    library = sort_into_feeds(open_ledger(by_id.values(), options.range_length), options, kept)
    drafts = draft_factory(library, options, tag)
    return tuple(drafts.feed(key, by_id) for key in library.keys)

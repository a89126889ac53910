"""Which stored items could be those of a reading: the few that share something with one of them. Pure.

A page of forty items is matched against these, not against everything that was ever stored, so that a ledger
of many years costs no more than one of a month.
"""

from collections.abc import Collection, Mapping, Sequence

from sse_digest.model.items import ReadItem
from sse_digest.model.tag_uri import item_of
from sse_digest.sources.ledger.matching import keys_of


def could_match(items: Sequence[ReadItem]) -> Mapping[str, Collection[object]]:
    """Give what `store.items.known_items` has to look for: all that any stage of matching compares.

    Args:
        items: of a reading.
    """
    keys = [keys_of(item) for item in items]
    ours = {item_of(one.source_item_id) for one in keys}
    return {
        "id": ours - {None},
        "source_item_id": {one.source_item_id for one in keys} - {None},
        "canonical": {one.canonical for one in keys} - {None},
        "link_number": {one.link_number for one in keys} - {None},
        "day": {one.day for one in keys},
    }

"""Which addresses that items' own pages call themselves by are no item's own: several items share them.

A site that names one address on many of its pages tells nothing about any of them.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncConnection

from sse_digest.model.items import Item
from sse_digest.sources.own_pages.extract import OwnPage
from sse_digest.sources.text.urls import canonical
from sse_digest.store.news.items import known_items
from sse_digest.store.news.own_pages import record_own_pages, sharing_address


async def shared_addresses(
    connection: AsyncConnection, found: Sequence[tuple[Item, OwnPage]]
) -> frozenset[str | None]:
    """Give, folded, the addresses that more than one of these pages, or another stored item, calls its own.

    Where that item has it from its own page too, the next reading of its list puts the list's link back.
    """
    folded = Counter(canonical(own.link) for _, own in found)
    shared = {address for address, count in folded.items() if count > 1}
    for item, own in found:
        address = canonical(own.link)
        if address is None:
            continue
        others = [one for one in await sharing_address(connection, address) if one.item_id != item.id]
        listed = await known_items(connection, {"canonical": {address}})
        if others or any(one.id != item.id for one in listed):
            shared.add(address)
            without = [
                replace(one, fields=tuple(name for name in one.fields if name != "link")) for one in others
            ]
            await record_own_pages(connection, without)
    return frozenset(shared)

"""Queries on who may be mailed now: subscriptions and suppressions of several people at once.

They are executed for every message, so the values are already in the driver's types (decision 0160).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sse_digest.model.subscribers import Status, key_of, suppression_hashes
from sse_digest.store.connection import Connection
from sse_digest.store.subscribers import SUPPRESSED


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipientStatus:
    """Whether and how a person can be mailed for one list now."""

    number: int  # random; tokens contain it
    address: str
    name: str | None
    status: Status
    suppressed: bool


def standings(
    connection: Connection, list_name: str, ids: Sequence[int], secret_keys: Sequence[bytes]
) -> Mapping[int, RecipientStatus]:
    """Return the status of subscribers by id. Those who were erased or never on the list are left out."""
    found = connection.rows_in(_PEOPLE, (list_name,), ids)
    hashes = {one["id"]: suppression_hashes(key_of(one["address"]), secret_keys) for one in found}
    wanted = [one for several in hashes.values() for one in several]
    suppressed = {address_hash for (address_hash,) in connection.rows_in(SUPPRESSED, (), wanted)}
    return {
        one["id"]: RecipientStatus(
            number=one["number"],
            address=one["address"],
            name=one["name"],
            status=Status(one["status"]),
            suppressed=not suppressed.isdisjoint(hashes[one["id"]]),
        )
        for one in found
    }


_PEOPLE = """
    SELECT subscribers.id, subscribers.number, subscribers.address, subscribers.name, subscriptions.status
    FROM subscribers JOIN subscriptions ON subscriptions.subscriber_id = subscribers.id
    WHERE subscriptions.list = ? AND subscribers.id IN ({keys})
"""

"""Who may be mailed at this moment: subscription and suppression of several people at once. Reads only.

Asked for every message, so the driver gets the statements as they are (decision 0160).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sse_digest.model.subscribers import Status, key_of, suppression_hashes
from sse_digest.store.connection import Connection
from sse_digest.store.subscribers import SUPPRESSED


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipientStatus:
    """How a person stands with one list at this moment."""

    number: int  # random; what tokens name
    address: str
    name: str | None
    status: Status
    suppressed: bool


def standings(
    connection: Connection, list_name: str, ids: Sequence[int], secret_keys: Sequence[bytes]
) -> Mapping[int, RecipientStatus]:
    """Look subscribers up by their ids; whoever is missing was erased or never was on the list."""
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

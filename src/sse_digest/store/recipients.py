"""Who may be mailed at this moment: subscription and suppression of several people at once. Reads only.

Asked for every message, so the driver gets the statements as they are (decision 0160).
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sse_digest.model.audience import Status, key_of, suppression_hashes
from sse_digest.store.whole import Whole

T = TypeVar("T")
_CHUNK = 500  # values in one statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a person stands with one list at this moment."""

    address: str
    name: str | None
    status: Status
    suppressed: bool


def standings(
    whole: Whole, list_name: str, ids: Sequence[int], secret_keys: Sequence[bytes]
) -> Mapping[int, Standing]:
    """Look subscribers up by their ids; whoever is missing was erased or never was on the list."""
    found = [
        row
        for chunk in _chunks(ids)
        for row in whole.rows(_PEOPLE.format(ids=_marks(chunk)), (list_name, *chunk))
    ]
    hashes = {number: suppression_hashes(key_of(address), secret_keys) for number, address, _, _ in found}
    suppressed = _suppressed(whole, [one for several in hashes.values() for one in several])
    return {
        number: Standing(
            address=address,
            name=name,
            status=Status(status),
            suppressed=not suppressed.isdisjoint(hashes[number]),
        )
        for number, address, name, status in found
    }


def _suppressed(whole: Whole, hashes: Sequence[str]) -> frozenset[str]:
    return frozenset(
        address_hash
        for chunk in _chunks(hashes)
        for (address_hash,) in whole.rows(_SUPPRESSED.format(hashes=_marks(chunk)), tuple(chunk))
    )


def _chunks(values: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(values), _CHUNK):
        yield values[start : start + _CHUNK]


def _marks(values: Collection[object]) -> str:
    return ",".join("?" * len(values))


_PEOPLE = """
    SELECT subscribers.id, subscribers.address, subscribers.name, subscriptions.status
    FROM subscribers JOIN subscriptions ON subscriptions.subscriber_id = subscribers.id
    WHERE subscriptions.list = ? AND subscribers.id IN ({ids})
"""
_SUPPRESSED = "SELECT address_hash FROM suppressions WHERE address_hash IN ({hashes})"

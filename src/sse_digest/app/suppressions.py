"""The use cases of suppressions, and of addresses that do not exist according to a relay."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sse_digest.app.facade import App
from sse_digest.app.sending import issue_of
from sse_digest.audience import subscribing
from sse_digest.model.issues import Period
from sse_digest.model.subscribers import key_of, suppression_hashes
from sse_digest.store import Connection
from sse_digest.store.sending import dead_addresses
from sse_digest.store.subscribers import list_subscribers, suppressions


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppression:
    """An address that no list may mail."""

    address: str | None  # None if no subscriber has it, since only its hash is stored
    reason: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadAddress:
    """An address that does not exist according to the relay, and that is not suppressed yet."""

    issue: str
    delivery: int
    address: str | None  # None if the person was erased
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SuppressionsReport:
    """All suppressions, and the addresses that wait for a decision."""

    suppressed: Sequence[Suppression]
    proposed: Sequence[DeadAddress]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadReport:
    """The number of deliveries that a decision changed."""

    issue: str
    changed: int


def list_suppressions(app: App) -> SuppressionsReport:
    """Return all suppressions and all addresses that are proposed for suppression."""
    secret_keys = app.settings.secret_keys()
    with app.store.reading() as connection:
        known = {
            hashed: address
            for address in _addresses(connection, app.settings.list_names())
            for hashed in suppression_hashes(key_of(address), secret_keys)
        }
        return SuppressionsReport(
            suppressed=[
                Suppression(address=known.get(hashed), reason=reason, since=since)
                for hashed, reason, since in suppressions(connection)
            ],
            proposed=[
                DeadAddress(issue=f"{digest}/{period}", delivery=number, address=address, reason=reason)
                for digest, period in dead_addresses.issues_with_dead(connection)
                for number, address, reason in dead_addresses.held_dead(connection, digest, period)
            ],
        )


def _addresses(connection: Connection, lists: Sequence[str]) -> Iterator[str]:
    for name in lists:
        for batch in list_subscribers(connection, name):
            yield from (person.address for person in batch)


def confirm(app: App, digest_name: str | None, period: Period | None) -> DeadReport:
    """Suppress the addresses of an issue that do not exist according to the relay."""
    _, _, key = issue_of(app, digest_name, period)
    with app.store.writing() as connection:
        secret_keys = app.settings.secret_keys()
        changed = dead_addresses.suppress_dead(connection, *key, secret_keys=secret_keys, now=app.clock())
    return DeadReport(issue="/".join(key), changed=changed)


def take_back(app: App, digest_name: str | None, period: Period | None, why: str) -> DeadReport:
    """Plan the deliveries to these addresses again; the reason is stored with each."""
    _, _, key = issue_of(app, digest_name, period)
    with app.store.writing() as connection:
        changed = dead_addresses.take_back_dead(connection, *key, why=why, now=app.clock())
    return DeadReport(issue="/".join(key), changed=changed)


def lift(app: App, address: str, why: str) -> bool:
    """Lift the suppression of an address; return whether there was one.

    Raises:
        AudienceError: it is not an address, or no reason is given.
    """
    return subscribing.lift_suppression(app.store, address, why=why, secret_keys=app.settings.secret_keys())

"""Statements on subscribers, their subscriptions, and suppressed addresses.

They decide nothing: the caller says which status a subscription gets. Nothing that is read is logged.
"""

import json
import secrets
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sse_digest.model.signed_tokens import scope_of
from sse_digest.model.subscribers import Status, Subscriber, key_of, suppression_hashes
from sse_digest.store.connection import Connection, Row
from sse_digest.store.values import read_row

BATCH = 1_000  # the most subscribers in memory at once
_SUBSCRIBERS = """
    SELECT subscribers.id, number, address, name, language, list, status, themes
    FROM subscribers JOIN subscriptions ON subscriptions.subscriber_id = subscribers.id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownSubscriber:
    """A person in the database, with the subscription to one list."""

    id: int
    number: int
    name: str | None
    language: str
    status: Status | None  # None: no subscription to this list
    themes: tuple[str, ...]
    origin: str | None = None  # what the status is based on; None: no subscription to this list


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionRecord:
    """What the database is to contain about one person and one list."""

    key: str
    address: str
    name: str | None
    language: str
    status: Status
    themes: tuple[str, ...]
    origin: str  # what the consent, or its end, is based on; stored only if the status changes


class EndedSubscription(StrEnum):
    """The result of ending a subscription."""

    ENDED = "ended"  # it was ended
    ENDED_BEFORE = "ended before"  # it had already ended
    ABSENT = "absent"  # it does not exist: the person was erased, or the list is gone


def known_subscribers(
    connection: Connection, list_name: str, keys: Collection[str]
) -> Mapping[str, KnownSubscriber]:
    """Return these people by the keys of their addresses. Unknown people are left out."""
    rows = connection.rows_in(
        """
        SELECT id, number, address_key, name, language, status, themes, origin
        FROM subscribers
        LEFT JOIN subscriptions ON subscriptions.subscriber_id = subscribers.id AND list = ?
        WHERE address_key IN ({keys})
        """,
        (list_name,),
        sorted(keys),
    )
    return {
        row["address_key"]: KnownSubscriber(
            id=row["id"],
            number=row["number"],
            name=row["name"],
            language=row["language"],
            status=None if row["status"] is None else Status(row["status"]),
            themes=tuple(json.loads(row["themes"] or "[]")),
            origin=row["origin"],
        )
        for row in rows
    }


def write_records(
    connection: Connection, list_name: str, records: Sequence[SubscriptionRecord], now: datetime
) -> None:
    """Make the database agree with the records: add new people, and change known ones where they differ.

    The address of a known person stays as it was first stored.
    """
    known = known_subscribers(connection, list_name, [record.key for record in records])
    new = [record for record in records if record.key not in known]
    if new:
        connection.insert("subscribers", *(_person(record, now) for record in new))
        known = {**known, **known_subscribers(connection, list_name, [record.key for record in new])}
    for record in records:
        person = known[record.key]
        if (person.name, person.language) != (record.name, record.language):
            values = {"name": record.name, "language": record.language}
            connection.update("subscribers", values, id=person.id)
        if (person.status, person.themes) != (record.status, record.themes):
            _write_subscription(connection, list_name, person, record, now)


def _person(record: SubscriptionRecord, now: datetime) -> dict[str, Any]:
    return {
        "address": record.address,
        "address_key": record.key,
        "name": record.name,
        "language": record.language,
        "created_at": now,
        "number": secrets.randbits(63),
    }


def _write_subscription(
    connection: Connection, list_name: str, person: KnownSubscriber, record: SubscriptionRecord, now: datetime
) -> None:
    row = {
        "list": list_name,
        "subscriber_id": person.id,
        "status": record.status,
        "themes": record.themes,
        "origin": record.origin if record.status is not person.status else person.origin,
        "changed_at": now,
    }
    connection.replace("subscriptions", row, "list", "subscriber_id")


def end_subscription(
    connection: Connection, number: int, list_scope: int, *, now: datetime, origin: str
) -> EndedSubscription:
    """End the subscription that an unsubscribe link names (`model.signed_tokens.TokenTarget`).

    Args:
        connection: in a writing transaction.
        number: the person's random number.
        list_scope: `scope_of` the list's name.
        now: when it ended.
        origin: what ended it, such as "one-click unsubscribe".
    """
    subscriber = subscriber_of_link(connection, number, list_scope)
    if subscriber is None:
        return EndedSubscription.ABSENT
    ended = connection.change(
        """
        UPDATE subscriptions SET status = 'ended', origin = ?, changed_at = ?
        WHERE list = ? AND subscriber_id = ? AND status <> 'ended'
        """,
        (origin, now, subscriber.list, subscriber.id),
    )
    return EndedSubscription.ENDED if ended else EndedSubscription.ENDED_BEFORE


def end_subscriptions(connection: Connection, number: int, *, now: datetime, origin: str) -> int:
    """End all subscriptions of the person with this number, and return how many had not ended before."""
    return connection.change(
        """
        UPDATE subscriptions SET status = 'ended', origin = ?, changed_at = ?
        WHERE status <> 'ended' AND subscriber_id IN (SELECT id FROM subscribers WHERE number = ?)
        """,
        (origin, now, number),
    )


BY_THE_PERSON = frozenset({"unsubscribe link", "one-click unsubscribe"})
"""Origins of subscriptions that ended because the person wanted it."""


def restore_subscription(
    connection: Connection, list_name: str, subscriber_id: int, *, origin: str, now: datetime
) -> None:
    """Make a subscription active again."""
    values = {"status": Status.ACTIVE, "origin": origin, "changed_at": now}
    connection.update("subscriptions", values, list=list_name, subscriber_id=subscriber_id)


def subscriber_of_link(connection: Connection, number: int, list_scope: int) -> Subscriber | None:
    """Return the subscriber that a link names, or None if the person was erased or the list is gone."""
    rows = connection.rows(f"{_SUBSCRIBERS} WHERE number = ?", (number,))
    return next((_subscriber(row) for row in rows if scope_of(row["list"]) == list_scope), None)


def subscriber_at_submission(connection: Connection, subscriber_id: int, list_name: str) -> Subscriber | None:
    """Return a subscriber as stored now, or None if the person was erased. Check `is_suppressed` as well."""
    row = connection.row(f"{_SUBSCRIBERS} WHERE subscribers.id = ? AND list = ?", (subscriber_id, list_name))
    return None if row is None else _subscriber(row)


def active_recipients(
    connection: Connection, list_name: str, *, but_on: Sequence[str] = (), batch: int = BATCH
) -> Iterator[tuple[Subscriber, ...]]:
    """Yield the active subscribers of a list in the order of sign-up, in batches.

    Suppressed addresses are included: suppression is checked at the moment of submission.

    Args:
        connection: in any transaction.
        list_name: the list.
        but_on: subscribers who are active on one of these lists are left out.
        batch: the most subscribers in one batch.
    """
    others = ", ".join("?" * len(but_on))
    elsewhere = f"""
        AND NOT EXISTS (
            SELECT 1 FROM subscriptions AS others
            WHERE others.subscriber_id = subscriptions.subscriber_id
                AND others.list IN ({others}) AND others.status = 'active'
        )
    """  # noqa: S608 # placeholders only
    where = "AND status = 'active'" + (elsewhere if but_on else "")
    return _in_batches(connection, where, (list_name, *but_on), batch)


def list_subscribers(
    connection: Connection, list_name: str, *, status: Status | None = None, batch: int = BATCH
) -> Iterator[tuple[Subscriber, ...]]:
    """Yield the subscribers of a list in the order of sign-up, in batches.

    Args:
        connection: in any transaction.
        list_name: the list.
        status: only subscribers with this status; None: all.
        batch: the most subscribers in one batch.
    """
    if status is None:
        return _in_batches(connection, "", (list_name,), batch)
    return _in_batches(connection, "AND status = ?", (list_name, status), batch)


def _in_batches(
    connection: Connection, where: str, values: Sequence[object], batch: int
) -> Iterator[tuple[Subscriber, ...]]:
    # Ordered by the column of `subscriptions`, so that SQLite can continue in its index.
    statement = f"""
        {_SUBSCRIBERS} WHERE list = ? {where} AND subscriptions.subscriber_id > ?
        ORDER BY subscriptions.subscriber_id LIMIT ?
    """
    last = 0
    while rows := connection.rows(statement, (*values, last, batch)):
        yield tuple(map(_subscriber, rows))
        last = rows[-1]["id"]


def count_by_status(connection: Connection, list_name: str) -> Mapping[Status, int]:
    """Return the number of a list's subscriptions in each status, including 0."""
    counted = connection.rows(
        "SELECT status, count(*) FROM subscriptions WHERE list = ? GROUP BY status", (list_name,)
    )
    return {**dict.fromkeys(Status, 0), **{Status(status): count for status, count in counted}}


def suppress(
    connection: Connection, address: str, *, reason: str, secret_keys: Sequence[bytes], now: datetime
) -> bool:
    """Suppress an address for every list. Return False if it was already suppressed; its reason then stays.

    Args:
        connection: in a writing transaction.
        address: as it is stored with the subscriber.
        reason: for people; it must not contain an address.
        secret_keys: newest first; the newest is used for the hash.
        now: the date of the suppression.
    """
    if is_suppressed(connection, address, secret_keys):
        return False
    newest = suppression_hashes(key_of(address), secret_keys)[0]
    connection.insert("suppressions", {"address_hash": newest, "reason": reason, "created_at": now})
    return True


def lift(connection: Connection, address: str, secret_keys: Sequence[bytes]) -> bool:
    """Lift the suppression of an address; return whether there was one."""
    hashes = suppression_hashes(key_of(address), secret_keys)
    return connection.change_in("DELETE FROM suppressions WHERE address_hash IN ({keys})", (), hashes) > 0


def suppressions(connection: Connection) -> list[tuple[str, str, datetime]]:
    """Return all suppressions, oldest first: hash of the address, reason and time."""
    rows = connection.rows("SELECT address_hash, reason, created_at FROM suppressions ORDER BY created_at")
    return [(hashed, reason, datetime.fromisoformat(since)) for hashed, reason, since in rows]


def is_suppressed(connection: Connection, address: str, secret_keys: Sequence[bytes]) -> bool:
    """Return whether an address is suppressed. Pass it as it is stored with the subscriber."""
    key = key_of(address)
    return key in suppressed_keys(connection, [key], secret_keys)


def suppressed_keys(
    connection: Connection, keys: Collection[str], secret_keys: Sequence[bytes]
) -> frozenset[str]:
    """Return the keys of suppressed addresses among these, whichever secret key their hash was made with."""
    key_of_hash = {hashed: key for key in keys for hashed in suppression_hashes(key, secret_keys)}
    rows = connection.rows_in(SUPPRESSED, (), list(key_of_hash))
    return frozenset(key_of_hash[address_hash] for (address_hash,) in rows)


SUPPRESSED = "SELECT address_hash FROM suppressions WHERE address_hash IN ({keys})"


def _subscriber(row: Row) -> Subscriber:
    return read_row(Subscriber, row)

"""Statements on subscribers, their subscriptions, and the addresses nobody may mail.

Decides nothing: which status a change leads to is the caller's to say. Never logs what it reads.
"""

from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, Select, bindparam, exists, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from sse_digest.model.signed_tokens import scope_of
from sse_digest.model.subscribers import Status, Subscriber, key_of, suppression_hashes
from sse_digest.store.tables import subscribers, subscriptions, suppressions

BATCH = 1_000  # subscribers in memory at once
_CHUNK = 500  # values in one statement; databases bound the number of parameters


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownSubscriber:
    """A person of whom the database knows, as far as one list is concerned."""

    id: int
    name: str | None
    language: str
    status: Status | None  # None: no subscription to this list
    themes: tuple[str, ...]
    origin: str | None = None  # where the status comes from; None: no subscription to this list


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionRecord:
    """What is to stand about one person and one list."""

    key: str
    address: str
    name: str | None
    language: str
    status: Status
    themes: tuple[str, ...]
    origin: str  # where the consent, or its end, comes from; counts where the status changes


class EndedSubscription(StrEnum):
    """What ending a subscription found."""

    ENDED = "ended"  # it ended now
    ENDED_BEFORE = "ended before"  # nothing to do
    ABSENT = "absent"  # no such subscription: the person was erased, or the list is gone


async def known_subscribers(
    connection: AsyncConnection, list_name: str, keys: Collection[str]
) -> Mapping[str, KnownSubscriber]:
    """Give what is known of these people, by key; who is unknown is left out."""
    on_list = (subscriptions.c.subscriber_id == subscribers.c.id) & (subscriptions.c.list == list_name)
    statement = select(
        subscribers.c.id,
        subscribers.c.address_key,
        subscribers.c.name,
        subscribers.c.language,
        subscriptions.c.status,
        subscriptions.c.themes,
        subscriptions.c.origin,
    ).select_from(subscribers.outerjoin(subscriptions, on_list))
    known: dict[str, KnownSubscriber] = {}
    for chunk in _chunks(keys):
        for row in await connection.execute(statement.where(subscribers.c.address_key.in_(chunk))):
            known[row.address_key] = KnownSubscriber(
                id=row.id,
                name=row.name,
                language=row.language,
                status=None if row.status is None else Status(row.status),
                themes=tuple(row.themes or ()),
                origin=row.origin,
            )
    return known


async def write_records(
    connection: AsyncConnection, list_name: str, records: Sequence[SubscriptionRecord], now: datetime
) -> None:
    """Make every record true: add who is new, change what differs for who is known.

    The address of somebody known stays as it was first written.
    """
    known = await known_subscribers(connection, list_name, [record.key for record in records])
    new = [record for record in records if record.key not in known]
    if new:
        await connection.execute(insert(subscribers), [_person(record, now) for record in new])
        known = {**known, **await known_subscribers(connection, list_name, [record.key for record in new])}
    persons = [(known[record.key], record) for record in records]
    changed = [
        {"of": person.id, "to_name": record.name, "to_language": record.language}
        for person, record in persons
        if (person.name, person.language) != (record.name, record.language)
    ]
    if changed:
        await connection.execute(_change_person, changed)
    await _write_subscriptions(connection, list_name, persons, now)


def _person(record: SubscriptionRecord, now: datetime) -> dict[str, Any]:
    return {
        "address": record.address,
        "address_key": record.key,
        "name": record.name,
        "language": record.language,
        "created_at": now,
    }


_change_person = (
    update(subscribers)
    .where(subscribers.c.id == bindparam("of"))
    .values(name=bindparam("to_name"), language=bindparam("to_language"))
)


async def _write_subscriptions(
    connection: AsyncConnection,
    list_name: str,
    persons: Sequence[tuple[KnownSubscriber, SubscriptionRecord]],
    now: datetime,
) -> None:
    rows = [
        (
            person,
            {
                "to_list": list_name,
                "of": person.id,
                "to_status": record.status.value,
                "to_themes": list(record.themes),
                "to_origin": record.origin if record.status is not person.status else person.origin,
                "at": now,
            },
        )
        for person, record in persons
        if (person.status, person.themes) != (record.status, record.themes)
    ]
    added = [row for person, row in rows if person.status is None]
    changed = [row for person, row in rows if person.status is not None]
    if added:
        await connection.execute(_add_subscription, added)
    if changed:
        await connection.execute(_change_subscription, changed)


_add_subscription = insert(subscriptions).values(
    list=bindparam("to_list"),
    subscriber_id=bindparam("of"),
    status=bindparam("to_status"),
    themes=bindparam("to_themes"),
    origin=bindparam("to_origin"),
    changed_at=bindparam("at"),
)
_change_subscription = (
    update(subscriptions)
    .where(subscriptions.c.list == bindparam("to_list"), subscriptions.c.subscriber_id == bindparam("of"))
    .values(
        status=bindparam("to_status"),
        themes=bindparam("to_themes"),
        origin=bindparam("to_origin"),
        changed_at=bindparam("at"),
    )
)


async def end_subscription(
    connection: AsyncConnection, subscriber_id: int, list_scope: int, *, now: datetime, origin: str
) -> EndedSubscription:
    """End the subscription that an unsubscribe link names (`model.links.Target`).

    Args:
        list_scope: `scope_of` the list's name.
        origin: what ended it ("one-click unsubscribe").
    """
    subscriber = await subscriber_of_link(connection, subscriber_id, list_scope)
    if subscriber is None:
        return EndedSubscription.ABSENT
    ended = await connection.execute(
        update(subscriptions)
        .where(
            subscriptions.c.list == subscriber.list,
            subscriptions.c.subscriber_id == subscriber_id,
            subscriptions.c.status != Status.ENDED.value,
        )
        .values(status=Status.ENDED.value, origin=origin, changed_at=now)
    )
    return EndedSubscription.ENDED if ended.rowcount else EndedSubscription.ENDED_BEFORE


async def subscriber_of_link(
    connection: AsyncConnection, subscriber_id: int, list_scope: int
) -> Subscriber | None:
    """Give the subscriber and subscription a link names; None: erased, or the list is gone."""
    rows = await connection.execute(_subscribers().where(subscribers.c.id == subscriber_id))
    return next((_subscriber(row) for row in rows if scope_of(row.list) == list_scope), None)


async def subscriber_at_submission(
    connection: AsyncConnection, subscriber_id: int, list_name: str
) -> Subscriber | None:
    """Give a subscriber as they stand at this moment; None: erased. Look `is_suppressed` up as well."""
    rows = await connection.execute(
        _subscribers().where(subscribers.c.id == subscriber_id, subscriptions.c.list == list_name)
    )
    row = rows.one_or_none()
    return None if row is None else _subscriber(row)


async def active_recipients(
    connection: AsyncConnection, list_name: str, *, but_on: Sequence[str] = (), batch: int = BATCH
) -> AsyncIterator[tuple[Subscriber, ...]]:
    """Give who is active on a list, in the order of sign-up, in batches of at most `batch`.

    Suppressed addresses are among them: that is looked up at the moment of submission.

    Args:
        but_on: whoever is active on one of these lists is left out.
    """
    others = subscriptions.alias()
    is_elsewhere = exists().where(
        others.c.subscriber_id == subscriptions.c.subscriber_id,
        others.c.list.in_(but_on),
        others.c.status == Status.ACTIVE.value,
    )
    active = _listed(list_name, Status.ACTIVE)
    async for found in _in_batches(connection, active.where(~is_elsewhere) if but_on else active, batch):
        yield found


async def list_subscribers(
    connection: AsyncConnection, list_name: str, *, status: Status | None = None, batch: int = BATCH
) -> AsyncIterator[tuple[Subscriber, ...]]:
    """Give who is on a list, in the order of sign-up, in batches of at most `batch`.

    Args:
        status: only these; None: all.
    """
    async for found in _in_batches(connection, _listed(list_name, status), batch):
        yield found


def _listed(list_name: str, status: Status | None) -> Select[Any]:
    statement = _subscribers().where(subscriptions.c.list == list_name)
    return statement if status is None else statement.where(subscriptions.c.status == status.value)


async def _in_batches(
    connection: AsyncConnection, statement: Select[Any], batch: int
) -> AsyncIterator[tuple[Subscriber, ...]]:
    last = 0
    while True:
        # By the subscription's own column: only then the database goes on in its index where it left off.
        number = subscriptions.c.subscriber_id
        following = statement.where(number > last).order_by(number).limit(batch)
        rows = (await connection.execute(following)).all()
        if not rows:
            return
        yield tuple(_subscriber(row) for row in rows)
        last = rows[-1].id


async def count_by_status(connection: AsyncConnection, list_name: str) -> Mapping[Status, int]:
    """Count a list's subscriptions; a status that nobody has is 0."""
    counted = await connection.execute(
        select(subscriptions.c.status, func.count())
        .where(subscriptions.c.list == list_name)
        .group_by(subscriptions.c.status)
    )
    return {**dict.fromkeys(Status, 0), **{Status(status): count for status, count in counted}}


async def suppress(
    connection: AsyncConnection, address: str, *, reason: str, secret_keys: Sequence[bytes], now: datetime
) -> bool:
    """Let no list mail an address any more; False: it was suppressed before, with its own reason.

    Args:
        address: as it is stored with the subscriber.
        reason: for people; never an address.
    """
    if await is_suppressed(connection, address, secret_keys):
        return False
    newest = suppression_hashes(key_of(address), secret_keys)[0]
    await connection.execute(insert(suppressions).values(address_hash=newest, reason=reason, created_at=now))
    return True


async def is_suppressed(connection: AsyncConnection, address: str, secret_keys: Sequence[bytes]) -> bool:
    """Whether no list may mail an address, as it is stored with the subscriber."""
    key = key_of(address)
    return key in await suppressed_keys(connection, [key], secret_keys)


async def suppressed_keys(
    connection: AsyncConnection, keys: Collection[str], secret_keys: Sequence[bytes]
) -> frozenset[str]:
    """Give those of the keys that no list may mail, under any of the secrets."""
    key_of_hash = {hashed: key for key in keys for hashed in suppression_hashes(key, secret_keys)}
    found: set[str] = set()
    for chunk in _chunks(key_of_hash):
        rows = await connection.execute(
            select(suppressions.c.address_hash).where(suppressions.c.address_hash.in_(chunk))
        )
        found |= {key_of_hash[row.address_hash] for row in rows}
    return frozenset(found)


def _subscribers() -> Select[Any]:
    return select(
        subscribers.c.id,
        subscribers.c.address,
        subscribers.c.name,
        subscribers.c.language,
        subscriptions.c.list,
        subscriptions.c.status,
        subscriptions.c.themes,
    ).join(subscriptions, subscriptions.c.subscriber_id == subscribers.c.id)


def _subscriber(row: Row[Any]) -> Subscriber:
    return Subscriber(
        id=row.id,
        address=row.address,
        name=row.name,
        language=row.language,
        list=row.list,
        status=Status(row.status),
        themes=tuple(row.themes),
    )


def _chunks(values: Collection[str]) -> Iterator[list[str]]:
    ordered = sorted(values)
    for start in range(0, len(ordered), _CHUNK):
        yield ordered[start : start + _CHUNK]

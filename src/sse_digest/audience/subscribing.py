"""Change one person's subscription by hand, as an admin.

An admin can add, end and restore a subscription. A person who left can come back only by signing up. Errors
contain no address.
"""

from collections.abc import Sequence
from datetime import datetime

import structlog

from sse_digest.audience.email_address import normalise
from sse_digest.audience.import_csv import check_name, parse_themes
from sse_digest.audience.options import AudienceOptions
from sse_digest.errors import AudienceError
from sse_digest.model.signed_tokens import scope_of
from sse_digest.model.subscribers import Status
from sse_digest.store import Store
from sse_digest.store.subscribers import (
    BY_THE_PERSON,
    EndedSubscription,
    SubscriptionRecord,
    end_subscription,
    is_suppressed,
    known_subscribers,
    lift,
    restore_subscription,
    suppress,
    write_records,
)

log = structlog.get_logger()

_ALREADY = {
    Status.ACTIVE: "is already on the list",
    Status.PENDING: "has not confirmed the sign-up yet",
    Status.ENDED: "has left the list and can come back only by signing up",
}


def add(
    store: Store,
    address: str,
    options: AudienceOptions,
    *,
    name: str = "",
    language: str | None = None,
    themes: str = "",
    secret_keys: Sequence[bytes],
    now: datetime,
) -> None:
    """Add one person to a list as active; the caller must have their consent.

    Args:
        language: one of the list's languages; None for the default.
        themes: keys separated by commas; "" or "all" for every theme.

    Raises:
        AudienceError: the address, a theme or the language is not valid; the person is already on the list,
            has not confirmed or has left; or the address is suppressed.
    """
    checked = normalise(address)
    chosen = language or options.default_language
    if chosen not in options.languages:
        raise AudienceError(
            f"Language {chosen!r} is not available. Choose one of: {', '.join(options.languages)}."
        )
    with store.writing() as connection:
        if is_suppressed(connection, checked.address, secret_keys):
            raise AudienceError("This address is suppressed; only the person's own sign-up lifts this.")
        known = (known_subscribers(connection, options.list_name, [checked.key])).get(checked.key)
        if known is not None and known.status is not None:
            raise AudienceError(f"This person {_ALREADY[known.status]}.")
        record = SubscriptionRecord(
            key=checked.key,
            address=checked.address,
            name=check_name(name) or (known.name if known else None),
            language=known.language if known and language is None else chosen,
            status=Status.ACTIVE,
            themes=parse_themes(themes, options) or (),
            origin="added by an admin",
        )
        write_records(connection, options.list_name, [record], now)


def remove(store: Store, address: str, *, list_name: str, now: datetime) -> EndedSubscription:
    """End a person's subscription to a list.

    Raises:
        AudienceError: it is not an address, or nobody with it was ever on the list.
    """
    key = normalise(address).key
    with store.writing() as connection:
        known = (known_subscribers(connection, list_name, [key])).get(key)
        if known is None or known.status is None:
            raise AudienceError(f"No subscriber with this address is on the list {list_name!r}.")
        return end_subscription(
            connection, known.number, scope_of(list_name), now=now, origin="removed by an admin"
        )


def lift_suppression(store: Store, address: str, *, why: str, secret_keys: Sequence[bytes]) -> bool:
    """Lift the suppression of an address; return whether there was one.

    Raises:
        AudienceError: it is not an address, or no reason is given.
    """
    if not why.strip():
        raise AudienceError("Give a reason for lifting the suppression; it is logged.")
    stored = normalise(address).address
    with store.writing() as connection:
        lifted = lift(connection, stored, secret_keys)
    if lifted:
        log.info("suppression.lifted", why=why.strip())
    return lifted


def restore(store: Store, address: str, *, list_name: str, why: str, now: datetime) -> None:
    """Make an ended subscription active again, unless the person ended it.

    Raises:
        AudienceError: it is not an address, it is not on the list, its subscription has not ended, or the
            person ended it.
    """
    if not why.strip():
        raise AudienceError("Give a reason for restoring the subscription; it is stored with it.")
    key = normalise(address).key
    with store.writing() as connection:
        known = (known_subscribers(connection, list_name, [key])).get(key)
        if known is None or known.status is None:
            raise AudienceError(f"No subscriber with this address is on the list {list_name!r}.")
        if known.status is not Status.ENDED:
            raise AudienceError(f"This subscription has not ended: it is {known.status}.")
        if known.origin in BY_THE_PERSON:
            raise AudienceError("This person has left and can come back only by signing up.")
        restore_subscription(connection, list_name, known.id, origin=f"restored: {why.strip()}", now=now)


def suppress_address(
    store: Store, address: str, *, reason: str, secret_keys: Sequence[bytes], now: datetime
) -> bool:
    """Suppress an address for every list; return False if it already was.

    Raises:
        AudienceError: it is not an address, or no reason is given.
    """
    if not reason.strip():
        raise AudienceError("Give a reason for the suppression; it is stored with it.")
    stored = normalise(address).address
    with store.writing() as connection:
        return suppress(connection, stored, reason=reason.strip(), secret_keys=secret_keys, now=now)

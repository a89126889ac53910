"""Audience: subscribers, their subscriptions, and the rules a status follows. Pure."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache


class Status(StrEnum):
    """Where a subscription stands."""

    PENDING = "pending"  # asked for, not confirmed: gets no issue
    ACTIVE = "active"  # confirmed: gets every issue
    ENDED = "ended"  # left, or was taken off: gets nothing until a confirmed new sign-up


_RANK = {Status.ENDED: 0, Status.PENDING: 1, Status.ACTIVE: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """A person's address with one subscription. `themes` empty means every theme."""

    id: int
    number: int  # random; what tokens name
    address: str  # as the person wrote it, domain as A-label
    name: str | None
    language: str
    list: str
    status: Status
    themes: tuple[str, ...]


def imported_status(current: Status | None, given: Status) -> Status:
    """The status after an import: never higher than before (docs/promises.md, Subscribers).

    `current` is None for somebody new.
    """
    if current is None:
        return given
    return min(current, given, key=_RANK.__getitem__)


def address_key(local: str, domain: str) -> str:
    """What makes two addresses the same person: local part casefolded, domain as lower-case A-label."""
    return f"{local.casefold()}@{domain.lower()}"


def key_of(address: str) -> str:
    """Return the key of an address as it is stored; the last @ parts it, as in every valid address."""
    local, _, domain = address.rpartition("@")
    return address_key(local, domain)


def masked(address: str) -> str:
    """Return an address of which only its owner knows the whole: "a•••@example.org"."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1] if len(local) > 1 else ''}•••@{domain}"


def suppression_hashes(key: str, secret_keys: Sequence[bytes]) -> tuple[str, ...]:
    """The keyed hashes of an address under every secret, newest first; at least one secret.

    A suppression outlives the subscriber as such a hash, so that the list of addresses nobody may
    mail is itself no list of addresses.
    """
    return tuple(_hash(secret, key.encode()) for secret in secret_keys)


def _hash(secret: bytes, key: bytes) -> str:
    keyed = _keyed(secret).copy()
    keyed.update(key)
    return keyed.hexdigest()


@lru_cache(maxsize=16)
def _keyed(secret: bytes) -> hmac.HMAC:
    """Return a keyed hash that has seen nothing but its key; to be copied."""
    return hmac.new(hmac.digest(secret, b"suppression", "sha256"), digestmod="sha256")

"""Fix who gets an issue: one delivery for each active subscriber, or a skip with its reason.

This happens once, at the first send, in the transaction that freezes the issue. Whoever subscribes later
gets the next issue. This module renders nothing and submits nothing.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sse_digest.digest.edition import edition_language
from sse_digest.digest.outline import edition_themes, sections_for
from sse_digest.model.deliveries import Skip
from sse_digest.model.issues import Digest, Issue
from sse_digest.model.signed_tokens import TokenPurpose, mint
from sse_digest.model.subscribers import Subscriber, key_of
from sse_digest.store import Connection, subscribers
from sse_digest.store.sending import deliveries as ledger
from sse_digest.store.sending.deliveries import NewDelivery


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenKeys:
    """The keys and the domain from which tokens and Message-IDs are made."""

    secret_keys: Sequence[bytes]  # newest first, at least one
    domain: str  # our own, for Message-IDs


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipientCount:
    """How many people would get an issue. `send` shows this before it asks for confirmation."""

    editions: Mapping[tuple[str, str], int]  # number of people by (language, theme keys joined by spaces)
    skips: Mapping[Skip, int]

    @property
    def total(self) -> int:
        """The number of deliveries, skipped ones included."""
        return sum(self.editions.values()) + sum(self.skips.values())


def edition_key(
    issue: Issue, digest: Digest, language: str, themes: tuple[str, ...]
) -> tuple[str, str] | None:
    """Return the language and themes of the edition for these choices, or None if it would be empty.

    Themes without items are left out, so that people whose mails have the same content share an edition.
    """
    chosen = edition_themes(digest, themes)
    if not chosen:  # only themes that the digest no longer has
        return None
    filled = [section.theme for section in sections_for(issue, digest, chosen)]
    if not filled:
        return None
    return edition_language(digest, language), " ".join(filled)


def issue_name(digest: str, period: object) -> str:
    """Return the key of an issue that tokens contain, such as `monthly/2023-04`."""
    return f"{digest}/{period}"


def message_id(signing: TokenKeys, digest: str, period: object, number: int) -> str:
    """Return a delivery's Message-ID, which is the same for every attempt (RFC 5322 section 3.6.4)."""
    name = issue_name(digest, period)
    left = mint(signing.secret_keys, TokenPurpose.MESSAGE_ID, number=number, name=name)
    return f"<{left}@{signing.domain}>"


def plan_deliveries(
    connection: Connection, issue: Issue, digest: Digest, signing: TokenKeys
) -> Iterator[tuple[NewDelivery, ...]]:
    """Yield the deliveries of an issue, batch by batch, in the order of lists and subscribers.

    A person on two lists of the digest gets one delivery, for the list that is named first.
    """

    @cache
    def key_for(language: str, themes: tuple[str, ...]) -> tuple[str, str] | None:
        return edition_key(issue, digest, language, themes)  # there are many people but few choices

    for at, list_name in enumerate(digest.lists):
        for batch in subscribers.active_recipients(connection, list_name, but_on=digest.lists[:at]):
            keys = [key_of(person.address) for person in batch]
            suppressed = subscribers.suppressed_keys(connection, keys, signing.secret_keys)
            yield tuple(
                _plan(
                    person,
                    key_for(person.language, person.themes),
                    language=edition_language(digest, person.language),
                    message_id=message_id(signing, digest.name, issue.period, person.number),
                    suppressed=key_of(person.address) in suppressed,
                )
                for person in batch
            )


def fix_recipients(
    connection: Connection, issue: Issue, digest: Digest, signing: TokenKeys, *, now: datetime
) -> int:
    """Store one delivery for each recipient, fix the total and return it."""
    for batch in plan_deliveries(connection, issue, digest, signing):
        ledger.add_deliveries(connection, digest.name, str(issue.period), batch, now)
    return ledger.fix_total(connection, digest.name, str(issue.period))


def count_recipients(
    connection: Connection, issue: Issue, digest: Digest, signing: TokenKeys
) -> RecipientCount:
    """Count who would get the issue. Writes nothing."""
    editions: Counter[tuple[str, str]] = Counter()
    skips: Counter[Skip] = Counter()
    for batch in plan_deliveries(connection, issue, digest, signing):
        for delivery in batch:
            if delivery.skip is None:
                editions[delivery.language, delivery.themes] += 1
            else:
                skips[delivery.skip] += 1
    return RecipientCount(editions=editions, skips=skips)


def _plan(
    person: Subscriber, key: tuple[str, str] | None, *, language: str, message_id: str, suppressed: bool
) -> NewDelivery:
    skip = Skip.SUPPRESSED if suppressed else Skip.NOTHING_FOR_THEMES if key is None else None
    language, themes = key or (language, "")
    return NewDelivery(
        subscriber_id=person.id,
        list=person.list,
        language=language,
        themes=themes,
        message_id=message_id,
        skip=skip,
    )

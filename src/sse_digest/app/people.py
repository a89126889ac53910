"""People as an admin sees them: imported, listed, added, removed, suppressed, exported."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from sse_digest.app.facade import App
from sse_digest.audience import subscribing
from sse_digest.audience.export_csv import export_subscribers
from sse_digest.audience.import_csv import ImportReport, import_subscribers
from sse_digest.model.subscribers import Status, Subscriber, key_of
from sse_digest.store.subscribers import EndedSubscription, list_subscribers, suppressed_keys


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonReport:
    """One person on a list."""

    address: str
    name: str | None
    language: str
    themes: Sequence[str]  # empty: every theme
    status: str  # of the subscription, or "suppressed", which no list may mail


@dataclass(frozen=True, slots=True, kw_only=True)
class ListReport:
    """Who is on a list."""

    counts: Mapping[str, int]  # by status, of everybody, whatever was asked for
    subscribers: Sequence[PersonReport]


def import_file(app: App, file: Path, list_name: str | None) -> ImportReport:
    """Take people from a CSV file onto a list.

    Raises:
        AudienceError: the file cannot be read.
    """
    return import_subscribers(
        app.store,
        file,
        app.audience_options(list_name),
        secret_keys=app.settings.secret_keys(),
        now=app.clock(),
    )


SUPPRESSED = "suppressed"
STATUSES = (*(status.value for status in Status), SUPPRESSED)
"""How a person stands with a list; one word for each state, here and in exports."""


def list_people(app: App, list_name: str | None, status: str | None = None) -> ListReport:
    """Return who is on a list, only those of one of `STATUSES` if it is given."""
    name, secret_keys = app.audience_options(list_name).list_name, app.settings.secret_keys()
    counts, people = dict.fromkeys(STATUSES, 0), list[PersonReport]()
    with app.store.reading() as connection:
        for batch in list_subscribers(connection, name):
            keys = {person.id: key_of(person.address) for person in batch}
            suppressed = suppressed_keys(connection, keys.values(), secret_keys)
            for person in batch:
                found = SUPPRESSED if keys[person.id] in suppressed else person.status.value
                counts[found] += 1
                if status in {None, found}:
                    people.append(_person(person, found))
    return ListReport(counts=counts, subscribers=people)


def _person(person: Subscriber, status: str) -> PersonReport:
    return PersonReport(
        address=person.address,
        name=person.name,
        language=person.language,
        themes=person.themes,
        status=status,
    )


def add(
    app: App, address: str, list_name: str | None, *, name: str, language: str | None, themes: str
) -> None:
    """Put somebody on a list, who consented.

    Raises:
        AudienceError: the address, language or themes cannot be stored, or the person is known.
    """
    subscribing.add(
        app.store,
        address,
        app.audience_options(list_name),
        name=name,
        language=language,
        themes=themes,
        secret_keys=app.settings.secret_keys(),
        now=app.clock(),
    )


def remove(app: App, address: str, list_name: str | None) -> EndedSubscription:
    """End somebody's subscription.

    Raises:
        AudienceError: nobody of this address is on the list.
    """
    name = app.audience_options(list_name).list_name
    return subscribing.remove(app.store, address, list_name=name, now=app.clock())


def restore(app: App, address: str, list_name: str | None, why: str) -> None:
    """Make an ended subscription active again, unless the person ended it.

    Raises:
        AudienceError: there is none, it did not end, or the person ended it.
    """
    name = app.audience_options(list_name).list_name
    subscribing.restore(app.store, address, list_name=name, why=why, now=app.clock())


def suppress(app: App, address: str, reason: str) -> bool:
    """Let no list mail an address any more; return whether it was not suppressed before."""
    keys = app.settings.secret_keys()
    return subscribing.suppress_address(app.store, address, reason=reason, secret_keys=keys, now=app.clock())


def export(app: App, out: TextIO, list_name: str | None) -> int:
    """Write a list as CSV; return how many people it has."""
    name = app.audience_options(list_name).list_name
    return export_subscribers(app.store, out, list_name=name, secret_keys=app.settings.secret_keys())

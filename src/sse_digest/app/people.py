"""The use cases of an admin: import, list, add, remove, suppress and export people."""

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
    themes: Sequence[str]  # empty for every theme
    status: str  # of the subscription, or "suppressed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListReport:
    """Who is on a list."""

    counts: Mapping[str, int]  # by status, of everybody on the list
    subscribers: Sequence[PersonReport]


def import_file(app: App, file: Path, list_name: str | None) -> ImportReport:
    """Import people from a CSV file onto a list.

    Raises:
        AudienceError: the file cannot be read or used; nothing was imported.
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
"""The states of a person on a list, by the words used in reports and exports."""


def list_people(app: App, list_name: str | None, status: str | None = None) -> ListReport:
    """Return who is on a list; with `status`, one of `STATUSES`, only those people."""
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
    """Add a person who has consented to a list.

    Raises:
        AudienceError: the address, language or themes are not valid, the person is or was on the list, or the
            address is suppressed.
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
    """End a person's subscription.

    Raises:
        AudienceError: it is not an address, or nobody with it was ever on the list.
    """
    name = app.audience_options(list_name).list_name
    return subscribing.remove(app.store, address, list_name=name, now=app.clock())


def restore(app: App, address: str, list_name: str | None, why: str) -> None:
    """Make an ended subscription active again, unless the person ended it.

    Raises:
        AudienceError: there is none, it has not ended, the person ended it, or no reason is given.
    """
    name = app.audience_options(list_name).list_name
    subscribing.restore(app.store, address, list_name=name, why=why, now=app.clock())


def suppress(app: App, address: str, reason: str) -> bool:
    """Suppress an address for all lists; return False if it already was."""
    keys = app.settings.secret_keys()
    return subscribing.suppress_address(app.store, address, reason=reason, secret_keys=keys, now=app.clock())


def export(app: App, out: TextIO, list_name: str | None) -> int:
    """Write a list as CSV; return the number of people."""
    name = app.audience_options(list_name).list_name
    return export_subscribers(app.store, out, list_name=name, secret_keys=app.settings.secret_keys())

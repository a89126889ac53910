"""An admin adds and ends; who has left comes back by themselves only."""

from datetime import UTC, datetime

import pytest

from sse_digest.audience.options import AudienceOptions
from sse_digest.audience.subscribing import add, remove, suppress_address
from sse_digest.errors import AudienceError
from sse_digest.model.subscribers import Status
from sse_digest.store import Store
from sse_digest.store.subscribers import (
    EndedSubscription,
    SubscriptionRecord,
    known_subscribers,
    write_records,
)

NOW = datetime(2023, 5, 2, 9, tzinfo=UTC)
SECRETS = (b"k" * 32,)
OPTIONS = AudienceOptions(
    list_name="news", themes=("youth", "other"), languages=("en", "fr"), default_language="en"
)


def sign_up(store: Store, address: str = "Ana@example.org", **details: str) -> None:
    add(store, address, OPTIONS, secret_keys=SECRETS, now=NOW, **details)


def standing(store: Store, list_name: str = "news") -> tuple[object, ...] | None:
    with store.reading() as connection:
        known = (known_subscribers(connection, list_name, ["ana@example.org"])).get("ana@example.org")
    return (known.name, known.language, known.status, known.themes) if known else None


def test_somebody_new_is_active_with_what_was_chosen(store: Store) -> None:
    sign_up(store, name=" Ana ", language="fr", themes="other, youth")

    assert standing(store) == ("Ana", "fr", Status.ACTIVE, ("youth", "other"))


def test_without_choices_the_defaults_are_taken(store: Store) -> None:
    sign_up(store)

    assert standing(store) == (None, "en", Status.ACTIVE, ())


@pytest.mark.parametrize(
    ("status", "words"),
    [(Status.ACTIVE, "already"), (Status.PENDING, "not confirmed"), (Status.ENDED, "by signing up")],
)
def test_who_is_known_on_the_list_is_not_added(store: Store, status: Status, words: str) -> None:
    record = SubscriptionRecord(
        key="ana@example.org",
        address="ana@example.org",
        name=None,
        language="en",
        status=status,
        themes=(),
        origin="a test",
    )
    with store.writing() as connection:
        write_records(connection, "news", [record], NOW)

    with pytest.raises(AudienceError, match=words):
        sign_up(store)
    assert standing(store) == (None, "en", status, ())


def test_a_person_of_another_list_keeps_name_and_language(store: Store) -> None:
    sign_up(store, name="Ana", language="fr")

    add(
        store,
        "ana@example.org",
        AudienceOptions(list_name="staff", themes=(), languages=("en", "fr"), default_language="en"),
        secret_keys=SECRETS,
        now=NOW,
    )

    assert standing(store, "staff") == ("Ana", "fr", Status.ACTIVE, ())


@pytest.mark.parametrize(
    ("details", "words"),
    [
        ({"address": "nobody"}, "not an e-mail address"),
        ({"themes": "sports"}, "known are youth, other"),
        ({"language": "de"}, "Choose one of: en, fr"),
        ({"name": "a\x00b"}, "control characters"),
    ],
)
def test_what_cannot_be_stored_is_refused(store: Store, details: dict[str, str], words: str) -> None:
    with pytest.raises(AudienceError, match=words):
        sign_up(store, **details)
    assert standing(store) is None


def test_a_suppressed_address_is_not_added_and_its_first_reason_is_kept(store: Store) -> None:
    first = suppress_address(store, "ANA@example.org", reason=" asked ", secret_keys=SECRETS, now=NOW)
    second = suppress_address(store, "ana@example.org", reason="other", secret_keys=SECRETS, now=NOW)

    with pytest.raises(AudienceError, match="suppressed"):
        sign_up(store)
    with store.reading() as connection:
        rows = connection.rows("SELECT * FROM suppressions")
    assert (first, second) == (True, False)
    assert [row["reason"] for row in rows] == ["asked"]
    assert "ana" not in rows[0]["address_hash"]


def test_a_suppression_needs_a_reason(store: Store) -> None:
    with pytest.raises(AudienceError, match="reason"):
        suppress_address(store, "ana@example.org", reason=" ", secret_keys=SECRETS, now=NOW)


def test_removing_ends_the_subscription_once(store: Store) -> None:
    sign_up(store)

    assert remove(store, "ANA@example.org", list_name="news", now=NOW) is EndedSubscription.ENDED
    assert remove(store, "ana@example.org", list_name="news", now=NOW) is EndedSubscription.ENDED_BEFORE
    assert standing(store) == (None, "en", Status.ENDED, ())


def test_nobody_can_be_removed_who_was_never_there(store: Store) -> None:
    sign_up(store)

    with pytest.raises(AudienceError, match="'staff'"):
        remove(store, "ana@example.org", list_name="staff", now=NOW)
    with pytest.raises(AudienceError, match="'news'"):
        remove(store, "bo@example.org", list_name="news", now=NOW)

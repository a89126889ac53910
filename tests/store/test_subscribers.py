"""People and subscriptions are read as they stand at the moment they are asked for."""

from dataclasses import replace
from datetime import UTC, datetime

from sse_digest.model.signed_tokens import scope_of
from sse_digest.model.subscribers import Status, imported_status, suppression_hashes
from sse_digest.store import Store
from sse_digest.store.subscribers import (
    EndedSubscription,
    SubscriptionRecord,
    active_recipients,
    count_by_status,
    end_subscription,
    is_suppressed,
    known_subscribers,
    list_subscribers,
    subscriber_at_submission,
    subscriber_of_link,
    suppress,
    suppressed_keys,
    write_records,
)
from sse_digest.store.values import stored

NOW = datetime(2023, 5, 2, 9, tzinfo=UTC)
LATER = datetime(2023, 6, 2, 9, tzinfo=UTC)
OLD, NEW = b"o" * 32, b"n" * 32


def record(number: int, *, status: Status = Status.ACTIVE) -> SubscriptionRecord:
    return SubscriptionRecord(
        key=f"a{number}@example.org",
        address=f"A{number}@example.org",
        name=f"Name {number}",
        language="fr",
        status=status,
        themes=("youth",),
        origin="a test",
    )


def put(store: Store, *people: SubscriptionRecord, list_name: str = "news", now: datetime = NOW) -> None:
    with store.writing() as connection:
        write_records(connection, list_name, people, now)


def id_of(store: Store, number: int) -> int:
    with store.reading() as connection:
        return (known_subscribers(connection, "news", [f"a{number}@example.org"]))[
            f"a{number}@example.org"
        ].id


def test_many_people_are_written_and_found_whatever_a_statement_can_hold(store: Store) -> None:
    people = [record(number) for number in range(1_203)]

    put(store, *people)

    with store.reading() as connection:
        known = known_subscribers(connection, "news", [one.key for one in people])
        elsewhere = known_subscribers(connection, "staff", ["a7@example.org", "nobody@example.org"])
    assert len(known) == 1_203
    assert (known["a7@example.org"].status, known["a7@example.org"].themes) == (Status.ACTIVE, ("youth",))
    assert {key: one.status for key, one in elsewhere.items()} == {"a7@example.org": None}


def test_the_origin_of_a_status_is_kept_until_the_status_changes(store: Store) -> None:
    put(store, record(1))
    put(store, replace(record(1), themes=(), origin="later"), now=LATER)
    with store.reading() as connection:
        kept = connection.row("SELECT * FROM subscriptions")
    put(store, replace(record(1), status=Status.ENDED, origin="latest"), now=LATER)
    with store.reading() as connection:
        changed = connection.row("SELECT * FROM subscriptions")

    assert kept is not None
    assert (kept["origin"], kept["themes"], kept["changed_at"]) == ("a test", "[]", stored(LATER))
    assert changed is not None
    assert (changed["origin"], changed["status"]) == ("latest", "ended")


def test_writing_what_stands_already_changes_nothing(store: Store) -> None:
    put(store, record(1))

    put(store, record(1), now=LATER)

    with store.reading() as connection:
        assert connection.value("SELECT changed_at FROM subscriptions") == stored(NOW)


def test_recipients_come_in_batches_in_the_order_of_sign_up_and_only_the_active(store: Store) -> None:
    statuses = [Status.ACTIVE, Status.ENDED, Status.ACTIVE, Status.PENDING, Status.ACTIVE, Status.ACTIVE]
    put(store, *(record(number, status=status) for number, status in enumerate(statuses)))
    put(store, record(9), list_name="staff")

    with store.reading() as connection:
        batches = list(active_recipients(connection, "news", batch=3))
        everyone = [one for batch in list_subscribers(connection, "news") for one in batch]
        counts = count_by_status(connection, "news")

    assert [[one.address for one in batch] for batch in batches] == [
        ["A0@example.org", "A2@example.org", "A4@example.org"],
        ["A5@example.org"],
    ]
    assert [one.status for one in everyone] == statuses
    assert counts == {Status.ACTIVE: 4, Status.PENDING: 1, Status.ENDED: 1}


def test_whoever_is_active_on_a_list_that_came_before_is_left_out(store: Store) -> None:
    put(store, *(record(number) for number in range(4)))
    put(store, record(1), list_name="staff")
    put(store, record(2, status=Status.ENDED), list_name="staff")

    with store.reading() as connection:
        found = [
            one.address
            for batch in active_recipients(connection, "news", but_on=("staff", "board"), batch=2)
            for one in batch
        ]

    assert found == ["A0@example.org", "A2@example.org", "A3@example.org"]


def test_at_submission_a_subscriber_stands_as_they_stand_now(store: Store) -> None:
    put(store, record(1))
    number = id_of(store, 1)

    with store.writing() as connection:
        before = subscriber_at_submission(connection, number, "news")
        assert before is not None
        end_subscription(connection, before.number, scope_of("news"), now=LATER, origin="one-click")
        after = subscriber_at_submission(connection, number, "news")
        elsewhere = subscriber_at_submission(connection, number, "staff")
        connection.execute("DELETE FROM subscribers")
        erased = subscriber_at_submission(connection, number, "news")

    assert before is not None
    assert after is not None
    assert (before.status, after.status) == (Status.ACTIVE, Status.ENDED)
    assert (before.address, before.name, before.language) == ("A1@example.org", "Name 1", "fr")
    assert (elsewhere, erased) == (None, None)


def test_an_unsubscribe_link_ends_its_list_only_and_works_for_ever(store: Store) -> None:
    put(store, record(1))
    put(store, record(1), list_name="staff")

    with store.writing() as connection:
        number = connection.value("SELECT number FROM subscribers")
        endings = [
            end_subscription(connection, number, scope_of(name), now=LATER, origin="one-click")
            for name in ("news", "news", "gone")
        ]
        endings.append(end_subscription(connection, 99, scope_of("news"), now=LATER, origin="one-click"))
        staff = subscriber_of_link(connection, number, scope_of("staff"))
        origin = connection.value("SELECT origin FROM subscriptions WHERE list = 'news'")

        assert endings == [
            EndedSubscription.ENDED,
            EndedSubscription.ENDED_BEFORE,
            EndedSubscription.ABSENT,
            EndedSubscription.ABSENT,
        ]
        assert staff is not None
        assert (staff.list, staff.status) == ("staff", Status.ACTIVE)
        assert origin == "one-click"


def test_a_suppression_is_found_under_a_new_secret_as_long_as_the_old_one_is_kept(store: Store) -> None:
    with store.writing() as connection:
        assert suppress(connection, "Ana@example.org", reason="asked", secret_keys=[OLD], now=NOW)

        assert is_suppressed(connection, "ANA@example.org", [NEW, OLD])
        assert not is_suppressed(connection, "bo@example.org", [NEW, OLD])
        assert not is_suppressed(connection, "ana@example.org", [NEW])
        assert not suppress(connection, "ana@example.org", reason="again", secret_keys=[NEW, OLD], now=NOW)


def test_the_suppressed_among_many_are_found(store: Store) -> None:
    keys = [f"a{number}@example.org" for number in range(600)]
    with store.writing() as connection:
        for number in (3, 599):
            suppress(connection, keys[number], reason="asked", secret_keys=[OLD], now=NOW)

        assert suppressed_keys(connection, keys, [NEW, OLD]) == {keys[3], keys[599]}
        assert suppressed_keys(connection, [], [NEW, OLD]) == frozenset()


def test_a_status_is_never_raised_by_an_import() -> None:
    assert imported_status(None, Status.ACTIVE) is Status.ACTIVE
    assert imported_status(Status.ENDED, Status.ACTIVE) is Status.ENDED
    assert imported_status(Status.ACTIVE, Status.PENDING) is Status.PENDING


def test_hashes_of_one_address_differ_by_secret() -> None:
    new, old = suppression_hashes("ana@example.org", [NEW, OLD])

    assert new != old
    assert suppression_hashes("ana@example.org", [OLD]) == (old,)


async def test_a_long_list_is_gone_on_with_where_it_was_left_off(store: Store) -> None:
    """Each batch costs what it holds: nothing before it is read again, and nothing behind it is sorted."""
    said: list[str] = []
    with store.reading() as connection:
        connection.driver.set_trace_callback(said.append)
        assert list(active_recipients(connection, "news")) == []
        connection.driver.set_trace_callback(None)
        [statement] = [one for one in said if one.lstrip().startswith("SELECT")]
        steps = [str(row[-1]) for row in connection.rows(f"EXPLAIN QUERY PLAN {statement}")]

    assert any("subscriber_id>?" in step for step in steps)
    assert not any("TEMP B-TREE" in step for step in steps)


def test_a_token_of_somebody_who_came_after_the_backup_names_no_stranger(store: Store) -> None:
    """A restored database gives the id of the row once more, but never the number."""
    put(store, record(1))
    with store.reading() as connection:
        before = connection.row("SELECT id, number FROM subscribers")
        assert before is not None
    with store.writing() as connection:
        connection.change("DELETE FROM subscribers")
        connection.change("DELETE FROM sqlite_sequence")
    put(store, record(2))

    with store.reading() as connection:
        after = connection.row("SELECT id, number FROM subscribers")
        assert after is not None
        assert (after["id"], after["number"] == before["number"]) == (before["id"], False)
        assert subscriber_of_link(connection, before["number"], scope_of("news")) is None

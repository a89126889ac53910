from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta

import pytest

from sse_digest.errors import UsageError
from sse_digest.feeds.ledger import card_of
from sse_digest.model.items import Evidence, Item, ItemCard, Precision, ThemeDecision
from sse_digest.model.significant_change import is_significant, same_words
from sse_digest.store import Store
from sse_digest.store.news.items import (
    ItemKeys,
    all_items,
    edit_item,
    get_item,
    get_items,
    insert_item,
    item_cards,
    known_items,
    update_item,
)
from sse_digest.store.news.sources import record_problem, record_reading, source_states
from tests.builders import NOON, make_item

LATER = NOON + timedelta(days=3)


def keys(item: Item, **changes: str | None) -> ItemKeys:
    values = {"source_item_id": None, "canonical": item.link, "link_number": None, "heading": item.heading}
    return ItemKeys(**{**values, **changes})  # type: ignore[arg-type] # None stands only where it may


def store_items(store: Store, *items: Item) -> None:
    with store.writing() as connection:
        for item in items:
            insert_item(connection, item, keys(item))


def stored(store: Store, item_id: str) -> Item:
    with store.reading() as connection:
        return get_item(connection, item_id)


def test_an_item_comes_back_as_it_was_stored(store: Store) -> None:
    full = make_item(
        1,
        kicker="News",
        credit="© A / B 2023",
        section="April 2023",
        place="Hanoi",
        date_text="April 2023",
        published=date(2023, 4, 1),
        precision=Precision.MONTH,
        image_url="https://news.example.org/i.jpg",
        image_alt="A boat",
        body="<p>Words</p>",
        published_at=datetime(2023, 4, 1, 8, 30, tzinfo=UTC),
        group="g" * 26,
        hidden=True,
        edited=("hidden",),
        decision=ThemeDecision(
            themes=("youth", "cooperatives"),
            primary="youth",
            evidence=(Evidence(theme="youth", term="term jeunes", field="title", weight=2.5),),
        ),
    )
    bare = make_item(
        2, title=None, summary="Só texto", link=None, published=None, precision=Precision.NONE, language=None
    )
    store_items(store, full, bare)

    assert stored(store, full.id) == full
    assert stored(store, bare.id) == bare


def test_items_are_listed_newest_day_first_and_then_as_first_seen(store: Store) -> None:
    old = make_item(1, published=date(2023, 4, 1))
    first_of_day = make_item(2, published=date(2023, 4, 9))
    second_of_day = make_item(3, published=date(2023, 4, 9), hidden=True)
    undated = make_item(
        4, published=None, precision=Precision.NONE, first_seen=datetime(2023, 4, 5, tzinfo=UTC)
    )
    store_items(store, old, first_of_day, second_of_day, undated)

    with store.reading() as connection:
        assert all_items(connection) == (first_of_day, second_of_day, undated, old)
        assert all_items(connection, include_hidden=False) == (first_of_day, undated, old)


def test_an_item_is_found_by_the_beginning_of_its_id(store: Store) -> None:
    one, two = make_item(1, id="abcd" + "x" * 22), make_item(2, id="abce" + "x" * 22)
    store_items(store, one, two)

    assert stored(store, " ABCD ") == one
    with pytest.raises(UsageError, match=f"More than one.*{one.id}, {two.id}"):
        stored(store, "abc")
    for unknown in ("abx", "_bcd", "%"):
        with pytest.raises(UsageError, match="No item"):
            stored(store, unknown)
    with pytest.raises(UsageError, match="id is empty"):
        stored(store, " ")


def test_a_whole_id_is_found_though_another_begins_with_it(store: Store) -> None:
    short, long = make_item(1, id="abc"), make_item(2, id="abcd")
    store_items(store, short, long)
    assert stored(store, "abc") == short


def test_many_items_are_found_by_id_and_unknown_ids_are_left_out(store: Store) -> None:
    items = [make_item(number) for number in range(1, 1203)]
    store_items(store, *items)

    with store.reading() as connection:
        found = get_items(connection, [*(item.id for item in items), "nobody"])

    assert found == {item.id: item for item in items}


def test_what_matching_compares_is_what_was_stored_last(store: Store) -> None:
    item = make_item(1)
    store_items(store, item)
    moved = keys(
        item,
        source_item_id="7",
        canonical="https://b",
        link_number="123456",
        heading="Other",
        day="day 2023-04-02",
    )

    with store.writing() as connection:
        update_item(connection, replace(item, title="New"), moved)
        update_item(connection, replace(item, title="Newer", group="g"))
        (known,) = known_items(connection)

    assert known.keys == moved
    assert (known.id, known.source, known.group, known.language) == (item.id, "news", "g", "en")
    assert (stored(store, item.id)).title == "Newer"


# ------------------------------------------------------------------ what an editor does


def test_an_editor_sets_themes_and_the_first_is_primary(store: Store) -> None:
    item = make_item(1)
    store_items(store, item)

    with store.writing() as connection:
        edited = edit_item(connection, item.id[:20], now=LATER, themes=("youth", "other", "youth"))

    assert edited == stored(store, item.id)
    assert edited.decision.themes == ("youth", "other")
    assert edited.decision.primary == "youth"
    assert {(reason.theme, reason.term, reason.field) for reason in edited.decision.evidence} == {
        ("youth", "editor", "editor"),
        ("other", "editor", "editor"),
    }
    assert edited.edited == ("themes",)
    assert edited.updated == item.updated


def test_an_editors_words_make_an_item_updated_and_leave_its_matching_alone(store: Store) -> None:
    item = make_item(1)
    store_items(store, item)

    with store.writing() as connection:
        edit_item(connection, item.id, now=LATER, title=" A\tbetter\x00 title ", summary="Ne\u0301")
        edit_item(connection, item.id, now=LATER + timedelta(days=1), hidden=True)
        (known,) = known_items(connection)

    edited = stored(store, item.id)
    assert (edited.title, edited.summary, edited.hidden) == ("A better title", "Né", True)
    assert edited.updated == LATER
    assert edited.edited == ("hidden", "summary", "title")
    assert known.keys.heading == item.title


def test_a_title_that_differs_in_white_space_only_does_not_make_an_item_updated(store: Store) -> None:
    item = make_item(1, title="A  title")
    store_items(store, item)
    with store.writing() as connection:
        edited = edit_item(connection, item.id, now=LATER, title="A title")
    assert (edited.title, edited.updated) == ("A title", item.updated)


def test_an_edit_without_a_change_changes_nothing(store: Store) -> None:
    item = make_item(1)
    store_items(store, item)
    with store.writing() as connection:
        assert edit_item(connection, item.id, now=LATER) == item


def test_an_edit_that_would_empty_an_item_is_refused(store: Store) -> None:
    item = make_item(1)
    store_items(store, item)
    with store.writing() as connection:
        for change in ({"title": " \x07"}, {"summary": ""}, {"themes": ()}):
            with pytest.raises(UsageError):
                edit_item(connection, item.id, now=LATER, **change)
    assert stored(store, item.id) == item


# ------------------------------------------------------------------ what counts as a change


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("one two", " one\u00a0 two\n"),
        ("A & B", "A &amp; B"),
        ("A & B", "A &amp;amp; B"),
        ("Ne\u0301", "Né"),
        ("co\u00adoperative", "cooperative"),
        ("© Fauzan Azhima / ILO 2023", "© Fauzan Azhima / ILO 2024"),
        ("Text © X 2023 more", "Text © X 2024 more"),
        (None, ""),
    ],
)
def test_white_space_entities_and_credit_years_are_no_change(old: str | None, new: str | None) -> None:
    assert same_words(old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a", "b"),
        ("a", "A"),
        ("in 2023", "in 2024"),
        ("a", None),
        ("© X 2023", "© Y 2023"),
        ("onetwo", "one two"),
    ],
)
def test_other_words_are_a_change(old: str | None, new: str | None) -> None:
    assert not same_words(old, new)


def test_only_title_and_summary_make_a_change_significant() -> None:
    item = make_item(1)
    assert is_significant(item, replace(item, title="Other"))
    assert is_significant(item, replace(item, summary=None))
    assert not is_significant(
        item, replace(item, kicker="K", credit="C", published=date(2020, 1, 1), link=None)
    )


# ------------------------------------------------------------------ how sources fared


def test_a_failed_reading_keeps_what_the_source_gave_before(store: Store) -> None:
    with store.writing() as connection:
        record_problem(connection, "b", now=NOON, problem="gone")
        record_reading(connection, "a", now=NOON, items=7)
        record_problem(connection, "a", now=LATER, problem="404")
        first, second = source_states(connection)

    assert (first.name, first.read_at, first.good_at, first.problem, first.items) == (
        "a",
        LATER,
        NOON,
        "404",
        7,
    )
    assert (second.name, second.good_at, second.problem, second.items) == ("b", None, "gone", 0)


def test_a_good_reading_forgets_the_problem(store: Store) -> None:
    with store.writing() as connection:
        record_problem(connection, "a", now=NOON, problem="gone")
        record_reading(connection, "a", now=LATER, items=3)
        (state,) = source_states(connection)
    assert (state.problem, state.good_at, state.items) == (None, LATER, 3)


def cards(store: Store) -> list[ItemCard]:
    with store.reading() as connection:
        return list(item_cards(connection))


def test_cards_say_what_the_items_say_by_order_of_first_sight_and_then_of_ids(store: Store) -> None:
    items = [
        make_item(3, first_seen=NOON + timedelta(microseconds=1), published_at=NOON, language=None),
        make_item(2, updated=LATER, published=None, precision=Precision.NONE, themes=("youth", "other")),
        make_item(1, hidden=True),
        make_item(5, first_seen=LATER, gone_at=LATER, precision=Precision.MONTH),
        make_item(4, first_seen=LATER, merged_into="a" * 26),
    ]
    store_items(store, *items)

    found = cards(store)

    by_id = {item.id: card_of(item) for item in items}
    assert [replace(card, mark=b"") for card in found] == [
        replace(by_id[make_item(number).id], mark=b"") for number in (2, 1, 3, 4, 5)
    ]
    assert len({card.mark for card in found}) == len(items)


def test_many_cards_come_in_pieces(store: Store) -> None:
    store_items(store, *(make_item(number) for number in range(1201)))

    assert [card.id for card in cards(store)] == sorted(make_item(number).id for number in range(1201))


SHOWN = {
    "source": "other",
    "link": "https://a.example/",
    "title": "Other",
    "summary": None,
    "kicker": "Video",
    "credit": "© A",
    "section": "May",
    "place": "Hanoi",
    "language": "fr",
    "published": date(2022, 1, 1),
    "precision": Precision.MONTH,
    "date_text": "in May",
    "first_seen": NOON - timedelta(seconds=1),
    "updated": LATER,
    "group": "g" * 26,
    "decision": ThemeDecision(themes=("youth",), primary="youth"),
    "image_url": "https://a.example/i.png",
    "image_alt": "A boat",
    "body": "<p>Words</p>",
    "published_at": NOON,
    "hidden": True,
    "gone_at": LATER,
    "merged_into": "m" * 26,
}
NOT_SHOWN = {"id", "edited"}  # the one never changes, the other is for editors


@pytest.mark.parametrize("field", SHOWN)
def test_a_mark_changes_with_whatever_a_document_may_show(store: Store, field: str) -> None:
    item = make_item()
    store_items(store, item)
    (before,) = cards(store)

    with store.writing() as connection:
        update_item(connection, replace(item, **{field: SHOWN[field]}))  # type: ignore[arg-type] # each fits its field
    (changed,) = cards(store)
    with store.writing() as connection:
        update_item(connection, item)
    (back,) = cards(store)

    assert changed.mark != before.mark == back.mark


def test_no_field_of_an_item_is_forgotten() -> None:
    assert {field.name for field in fields(Item)} == SHOWN.keys() | NOT_SHOWN


async def test_a_mark_changes_with_a_row_that_somebody_else_changed(store: Store) -> None:
    store_items(store, make_item())
    (before,) = cards(store)

    with store.writing() as connection:
        connection.execute("UPDATE items SET title = title || '!'")

    assert (cards(store))[0].mark != before.mark

"""An editor changes an issue; composing again keeps every change, and the account stays right."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from sse_digest.digest.compose import compose, freeze_issue, load_issue
from sse_digest.digest.editing import Change, EditReport, edit_issue
from sse_digest.errors import DigestError, UsageError
from sse_digest.model.issues import Issue, ItemSkip
from sse_digest.model.items import Item
from sse_digest.store import Store
from tests.composing import APRIL, MARCH, dated, make_digest, put_items

DIGEST = make_digest(languages=("en", "fr"))
NOW = datetime(2023, 6, 2, 8, tzinfo=UTC)
FIRST = dated(1, date(2023, 4, 20), id="first")
SECOND = dated(2, date(2023, 4, 10), id="second", themes=("cooperatives", "youth"))
THIRD = dated(3, date(2023, 4, 5), id="third")
YOUNG = dated(4, date(2023, 4, 2), id="young", themes=("youth",))


def begin(store: Store, *items: Item) -> None:
    with store.writing() as connection:
        put_items(connection, *(items or (FIRST, SECOND, THIRD, YOUNG)))
    compose(store, DIGEST, APRIL, now=NOW)


def edit(store: Store, **changes: object) -> EditReport:
    change = Change(**{"language": "en", **changes})  # type: ignore[arg-type] # the test's own values
    return edit_issue(store, DIGEST, APRIL, change, now=NOW)


def composed(store: Store) -> Issue:
    """Compose again and give the issue: whatever an editor did must still stand."""
    report = compose(store, DIGEST, APRIL, now=NOW)
    assert report.account.balances
    assert report.issue is not None
    return report.issue


def order(issue: Issue) -> dict[str, list[str]]:
    return {section.theme: [one.item.id for one in section.items] for section in issue.sections}


def test_a_hidden_item_is_skipped_for_that_reason_until_it_is_shown_again(store: Store) -> None:
    begin(store)

    report = edit(store, hide=("seco",))

    assert report.composed.account.skipped == {ItemSkip.HIDDEN: 1}
    assert report.composed.account.balances
    assert order(composed(store)) == {"cooperatives": ["first", "third"], "youth": ["young"]}
    edit(store, show=("second",))
    assert order(composed(store))["cooperatives"] == ["first", "second", "third"]


def test_an_item_hidden_from_one_issue_does_not_appear_in_the_next(store: Store) -> None:
    begin(store)
    edit(store, hide=("second",))

    with store.writing() as connection:
        put_items(connection, dated(9, date(2023, 5, 3)))
    may = compose(store, DIGEST, None, now=NOW)

    assert may.issue is not None
    assert "second" not in [item for items in order(may.issue).values() for item in items]
    assert may.account.balances


def test_a_moved_item_stands_under_its_new_theme_and_no_longer_under_the_old_one(store: Store) -> None:
    begin(store)

    edit(store, move=(("second", "other"),))
    issue = composed(store)

    assert order(issue) == {"cooperatives": ["first", "third"], "youth": ["young"], "other": ["second"]}
    assert issue.sections[-1].items[0].also_in == ("youth",)


def test_pinned_items_come_first_then_the_ordered_ones_then_the_newest(store: Store) -> None:
    begin(store)

    edit(store, order=("second", "third"), pin=("third",))
    assert order(composed(store))["cooperatives"] == ["third", "second", "first"]

    edit(store, unpin=("third",))
    assert order(composed(store))["cooperatives"] == ["second", "third", "first"]

    edit(store, order=())
    assert order(composed(store))["cooperatives"] == ["first", "second", "third"]


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"hide": ("second",), "show": ("seco",)}, "hidden and shown"),
        ({"pin": ("second",), "unpin": ("second",)}, "pinned and unpinned"),
        ({"order": ("third", "second", "thi")}, "given two positions"),
        ({"move": (("second", "other"), ("second", "youth"))}, "moved twice"),
        ({"notes": (("second", "One."), ("second", "Two."))}, "given two notes"),
    ],
)
def test_wishes_that_contradict_each_other_change_nothing(
    store: Store, changes: dict[str, object], what: str
) -> None:
    begin(store)
    before = composed(store)

    with pytest.raises(UsageError, match=f"cannot be {what} at once; nothing was changed"):
        edit(store, title="Spring", **changes)

    assert composed(store) == before


def test_the_lead_is_the_editors_choice_until_it_is_given_back(store: Store) -> None:
    begin(store)
    chosen = edit(store, lead="third")

    assert chosen.composed.lead_reason == "chosen by an editor"
    assert (composed(store)).lead == "third"
    edit(store, lead="")
    assert (composed(store)).lead == "first"


def test_a_hidden_lead_gives_way_to_the_rule(store: Store) -> None:
    begin(store)
    edit(store, lead="third")
    edit(store, hide=("third",))

    assert (composed(store)).lead == "first"


def test_a_hidden_item_is_no_lead_and_one_that_is_shown_again_at_once_is(store: Store) -> None:
    begin(store)
    edit(store, hide=("third",))

    with pytest.raises(UsageError, match=r"third is hidden\. Show it with --show"):
        edit(store, lead="third")
    with pytest.raises(UsageError, match="second is hidden"):
        edit(store, lead="second", hide=("second",))
    edit(store, lead="third", show=("third",))

    assert (composed(store)).lead == "third"


def test_title_introduction_and_notes_are_kept_for_each_language(store: Store) -> None:
    begin(store)
    edit(
        store, title="Spring", introduction="Dear *all*,\r\n\r\n\r\n\r\nhello", notes=(("first", "Read it."),)
    )
    edit(store, language="fr", title="Printemps", notes=(("first", "À lire."),))

    issue = composed(store)

    assert issue.title == {"en": "Spring", "fr": "Printemps"}
    assert issue.introduction == {"en": "Dear *all*,\n\nhello"}
    assert issue.sections[0].items[0].note == {"en": "Read it.", "fr": "À lire."}
    edit(store, title="", introduction="", notes=(("first", ""),))
    emptied = composed(store)
    assert (emptied.title, emptied.introduction) == ({"fr": "Printemps"}, {})
    assert emptied.sections[0].items[0].note == {"fr": "À lire."}


def test_a_reset_forgets_everything_about_an_item(store: Store) -> None:
    begin(store)
    before = composed(store)
    edit(store, move=(("third", "other"),), pin=("third",), notes=(("third", "Look."),))

    edit(store, reset=("third",))

    assert composed(store) == before


def test_freezing_keeps_the_edits(store: Store) -> None:
    begin(store)
    edit(store, title="Spring", move=(("third", "other"),), lead="third", notes=(("young", "Look."),))
    before = composed(store)

    with store.writing() as connection:
        frozen = freeze_issue(connection, DIGEST, APRIL, now=NOW)
    with store.reading() as connection:
        loaded = load_issue(connection, DIGEST.name, APRIL)

    assert frozen == loaded == replace(before, frozen=True)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"hide": ("nobody",)}, "No item of monthly/2023-04"),
        ({"pin": ("",)}, "No item of monthly/2023-04"),
        ({"lead": "march"}, "No item of monthly/2023-04"),
        ({"move": (("first", "sports"),)}, "no theme 'sports'"),
        ({"language": "ar"}, "no language 'ar'"),
        ({"title": "long " * 60}, "The title has 299 characters"),
        ({"introduction": "long " * 1200}, "The introduction has 5999 characters"),
        ({"introduction": "[a](http://plain.example/)"}, "not a plain https address"),
        ({"notes": (("first", "long " * 200),)}, "The note has 999 characters"),
    ],
)
def test_a_wrong_change_is_refused_and_changes_nothing(
    store: Store, changes: dict[str, object], message: str
) -> None:
    begin(store)
    before = composed(store)

    with pytest.raises(UsageError, match=message):
        edit(store, **{"hide": ("first",), **changes})

    assert composed(store) == before


def test_two_items_that_begin_alike_must_be_told_apart(store: Store) -> None:
    begin(store, FIRST, replace(SECOND, id="fifth"))

    with pytest.raises(UsageError, match="More than one item"):
        edit(store, hide=("fi",))


def test_an_edit_that_leaves_nothing_to_print_is_refused(store: Store) -> None:
    begin(store, FIRST)

    with pytest.raises(DigestError, match="monthly/2023-04 would have nothing left to print"):
        edit(store, hide=("first",))

    assert order(composed(store)) == {"cooperatives": ["first"]}


def test_an_issue_that_is_not_composed_cannot_be_edited(store: Store) -> None:
    with pytest.raises(DigestError, match="sse-digest compose 2023-03"):
        edit_issue(store, DIGEST, MARCH, Change(language="en", title="x"), now=NOW)


def test_an_issue_whose_recipients_are_fixed_cannot_be_edited(store: Store) -> None:
    begin(store)
    with store.writing() as connection:
        connection.execute("UPDATE issues SET total = 3")

    with pytest.raises(DigestError, match="cannot be changed any more"):
        edit(store, title="Too late")

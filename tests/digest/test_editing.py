"""An editor changes an issue; composing again keeps every change, and the account stays right."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import update

from sse_digest.digest.compose import compose, freeze_issue, load_issue
from sse_digest.digest.editing import Change, EditReport, edit_issue
from sse_digest.errors import DigestError, UsageError
from sse_digest.model.issues import Issue, ItemSkip
from sse_digest.model.items import Item
from sse_digest.store import Store
from sse_digest.store.tables import issues
from tests.composing import APRIL, MARCH, dated, make_digest, put_items

DIGEST = make_digest(languages=("en", "fr"))
NOW = datetime(2023, 6, 2, 8, tzinfo=UTC)
FIRST = dated(1, date(2023, 4, 20), id="first")
SECOND = dated(2, date(2023, 4, 10), id="second", themes=("cooperatives", "youth"))
THIRD = dated(3, date(2023, 4, 5), id="third")
YOUNG = dated(4, date(2023, 4, 2), id="young", themes=("youth",))


async def begin(store: Store, *items: Item) -> None:
    async with store.write() as connection:
        await put_items(connection, *(items or (FIRST, SECOND, THIRD, YOUNG)))
    await compose(store, DIGEST, APRIL, now=NOW)


async def edit(store: Store, **changes: object) -> EditReport:
    change = Change(**{"language": "en", **changes})  # type: ignore[arg-type] # the test's own values
    return await edit_issue(store, DIGEST, APRIL, change, now=NOW)


async def composed(store: Store) -> Issue:
    """Compose again and give the issue: whatever an editor did must still stand."""
    report = await compose(store, DIGEST, APRIL, now=NOW)
    assert report.account.balances
    assert report.issue is not None
    return report.issue


def order(issue: Issue) -> dict[str, list[str]]:
    return {section.theme: [one.item.id for one in section.items] for section in issue.sections}


async def test_a_hidden_item_is_skipped_for_that_reason_until_it_is_shown_again(store: Store) -> None:
    await begin(store)

    report = await edit(store, hide=("seco",))

    assert report.composed.account.skipped == {ItemSkip.HIDDEN: 1}
    assert report.composed.account.balances
    assert order(await composed(store)) == {"cooperatives": ["first", "third"], "youth": ["young"]}
    await edit(store, show=("second",))
    assert order(await composed(store))["cooperatives"] == ["first", "second", "third"]


async def test_an_item_hidden_from_one_issue_does_not_appear_in_the_next(store: Store) -> None:
    await begin(store)
    await edit(store, hide=("second",))

    async with store.write() as connection:
        await put_items(connection, dated(9, date(2023, 5, 3)))
    may = await compose(store, DIGEST, None, now=NOW)

    assert may.issue is not None
    assert "second" not in [item for items in order(may.issue).values() for item in items]
    assert may.account.balances


async def test_a_moved_item_stands_under_its_new_theme_and_no_longer_under_the_old_one(store: Store) -> None:
    await begin(store)

    await edit(store, move=(("second", "other"),))
    issue = await composed(store)

    assert order(issue) == {"cooperatives": ["first", "third"], "youth": ["young"], "other": ["second"]}
    assert issue.sections[-1].items[0].also_in == ("youth",)


async def test_pinned_items_come_first_then_the_ordered_ones_then_the_newest(store: Store) -> None:
    await begin(store)

    await edit(store, order=("second", "third"), pin=("third",))
    assert order(await composed(store))["cooperatives"] == ["third", "second", "first"]

    await edit(store, unpin=("third",))
    assert order(await composed(store))["cooperatives"] == ["second", "third", "first"]

    await edit(store, order=())
    assert order(await composed(store))["cooperatives"] == ["first", "second", "third"]


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"hide": ("second",), "show": ("seco",)}, "hidden and shown"),
        ({"pin": ("second",), "unpin": ("second",)}, "pinned and let go"),
        ({"order": ("third", "second", "thi")}, "given two places"),
        ({"move": (("second", "other"), ("second", "youth"))}, "moved twice"),
        ({"notes": (("second", "One."), ("second", "Two."))}, "given two notes"),
    ],
)
async def test_wishes_that_contradict_each_other_change_nothing(
    store: Store, changes: dict[str, object], what: str
) -> None:
    await begin(store)
    before = await composed(store)

    with pytest.raises(UsageError, match=f"cannot be {what} at once; nothing was changed"):
        await edit(store, title="Spring", **changes)

    assert await composed(store) == before


async def test_the_lead_is_the_editors_choice_until_it_is_given_back(store: Store) -> None:
    await begin(store)
    chosen = await edit(store, lead="third")

    assert chosen.composed.lead_reason == "chosen by an editor"
    assert (await composed(store)).lead == "third"
    await edit(store, lead="")
    assert (await composed(store)).lead == "first"


async def test_a_hidden_lead_gives_way_to_the_rule(store: Store) -> None:
    await begin(store)
    await edit(store, lead="third")
    await edit(store, hide=("third",))

    assert (await composed(store)).lead == "first"


async def test_a_hidden_item_is_no_lead_and_one_that_is_shown_again_at_once_is(store: Store) -> None:
    await begin(store)
    await edit(store, hide=("third",))

    with pytest.raises(UsageError, match="third is hidden: put it back with --show"):
        await edit(store, lead="third")
    with pytest.raises(UsageError, match="second is hidden"):
        await edit(store, lead="second", hide=("second",))
    await edit(store, lead="third", show=("third",))

    assert (await composed(store)).lead == "third"


async def test_title_introduction_and_notes_are_kept_for_each_language(store: Store) -> None:
    await begin(store)
    await edit(
        store, title="Spring", introduction="Dear *all*,\r\n\r\n\r\n\r\nhello", notes=(("first", "Read it."),)
    )
    await edit(store, language="fr", title="Printemps", notes=(("first", "À lire."),))

    issue = await composed(store)

    assert issue.title == {"en": "Spring", "fr": "Printemps"}
    assert issue.introduction == {"en": "Dear *all*,\n\nhello"}
    assert issue.sections[0].items[0].note == {"en": "Read it.", "fr": "À lire."}
    await edit(store, title="", introduction="", notes=(("first", ""),))
    emptied = await composed(store)
    assert (emptied.title, emptied.introduction) == ({"fr": "Printemps"}, {})
    assert emptied.sections[0].items[0].note == {"fr": "À lire."}


async def test_a_reset_forgets_everything_about_an_item(store: Store) -> None:
    await begin(store)
    before = await composed(store)
    await edit(store, move=(("third", "other"),), pin=("third",), notes=(("third", "Look."),))

    await edit(store, reset=("third",))

    assert await composed(store) == before


async def test_freezing_keeps_the_edits(store: Store) -> None:
    await begin(store)
    await edit(store, title="Spring", move=(("third", "other"),), lead="third", notes=(("young", "Look."),))
    before = await composed(store)

    async with store.write() as connection:
        frozen = await freeze_issue(connection, DIGEST, APRIL, now=NOW)
    async with store.read() as connection:
        loaded = await load_issue(connection, DIGEST.name, APRIL)

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
async def test_a_wrong_change_is_refused_and_changes_nothing(
    store: Store, changes: dict[str, object], message: str
) -> None:
    await begin(store)
    before = await composed(store)

    with pytest.raises(UsageError, match=message):
        await edit(store, **{"hide": ("first",), **changes})

    assert await composed(store) == before


async def test_two_items_that_begin_alike_must_be_told_apart(store: Store) -> None:
    await begin(store, FIRST, replace(SECOND, id="fifth"))

    with pytest.raises(UsageError, match="More than one item"):
        await edit(store, hide=("fi",))


async def test_an_edit_that_leaves_nothing_to_print_is_refused(store: Store) -> None:
    await begin(store, FIRST)

    with pytest.raises(DigestError, match="Nothing of monthly/2023-04 would be left"):
        await edit(store, hide=("first",))

    assert order(await composed(store)) == {"cooperatives": ["first"]}


async def test_an_issue_that_is_not_composed_cannot_be_edited(store: Store) -> None:
    with pytest.raises(DigestError, match="sse-digest compose 2023-03"):
        await edit_issue(store, DIGEST, MARCH, Change(language="en", title="x"), now=NOW)


async def test_an_issue_whose_recipients_are_fixed_cannot_be_edited(store: Store) -> None:
    await begin(store)
    async with store.write() as connection:
        await connection.execute(update(issues).values(total=3))

    with pytest.raises(DigestError, match="cannot be changed any more"):
        await edit(store, title="Too late")

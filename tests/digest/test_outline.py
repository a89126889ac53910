from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sse_digest.digest.edition import render_edition
from sse_digest.digest.outline import edition_themes, sections_for
from sse_digest.model.issues import Issue
from sse_digest.model.items import Precision
from tests.builders import make_item
from tests.digest.issues import (
    DIGEST,
    LETTERHEAD,
    TEMPLATES,
    edition_of,
    issue_of,
    rtl,
    small,
)
from tests.digest.reading import body_of, shown


def test_each_item_stands_once_in_the_digests_order_and_the_lead_first() -> None:
    edition = edition_of(small())
    sections = shown(edition)

    assert [name for name, _ in sections] == [
        "In this issue",
        "Top story",
        "Cooperatives",
        "Youth",
        "UN coordination",
        "Other news",
    ]
    titles = [title for _, titles in sections for title in titles]
    assert len(titles) == len(set(titles)) == 6
    assert sections[1][1] == ["UN adopts a resolution on the social and solidarity economy"]
    assert "See the top story above: UN adopts a resolution" in edition.text


def test_an_issue_of_two_items_has_no_top_story() -> None:
    edition = edition_of(issue_of([make_item(1), make_item(2)], lead=make_item(1).id))

    assert shown(edition) == [("Cooperatives", ["Item number 1", "Item number 2"])]


def test_an_edition_without_the_lead_has_no_top_story() -> None:
    edition = edition_of(small(), themes=("cooperatives",))

    assert "Top story" not in edition.html + edition.text
    assert [name for name, _ in shown(edition)] == ["Cooperatives"]


def test_the_other_themes_of_an_item_are_named() -> None:
    edition = edition_of(small())

    assert edition.text.count("Also in: Cooperatives") == 2
    assert edition.html.count("Also in: Cooperatives") == 2


def test_an_item_is_shown_under_the_first_chosen_theme_that_it_has() -> None:
    edition = edition_of(small(), themes=("cooperatives", "other"))

    assert shown(edition)[1:] == [
        (
            "Cooperatives",
            [
                small().sections[0].items[0].item.title,
                "Think.Coop adaptation for Refugees and Host Communities in Sudan",
                "Equipping Asia-Pacific youth with entrepreneurial skills for sustainable growth",
                "Le COPAC met l’accent sur le rôle des coopératives dans une reprise juste",
            ],
        ),
        ("Other news", ["A guide to social enterprise law"]),
    ]
    assert "Also in: Youth" in edition.text
    assert "Also in: UN coordination" in edition.text


def test_a_theme_whose_items_are_all_guests_keeps_the_digests_order() -> None:
    issue = issue_of(
        [make_item(1, themes=("un-coordination", "youth")), make_item(2, themes=("cooperatives",))]
    )

    sections = sections_for(issue, DIGEST, ("youth", "cooperatives"))

    assert [section.theme for section in sections] == ["cooperatives", "youth"]
    assert sections[1].items[0].also_in == ("un-coordination",)


@given(
    st.lists(
        st.lists(st.sampled_from(["cooperatives", "youth", "un-coordination"]), min_size=1, unique=True),
        max_size=12,
    ),
    st.sets(st.sampled_from(["cooperatives", "youth", "un-coordination", "other", "gone"])),
)
def test_a_reader_sees_exactly_the_items_that_have_a_chosen_theme_once(
    themes: list[list[str]], chosen: set[str]
) -> None:
    items = [make_item(number, themes=tuple(given_themes)) for number, given_themes in enumerate(themes)]
    issue = issue_of(items)

    sections = sections_for(issue, DIGEST, tuple(chosen))

    wanted = chosen or set(DIGEST.themes)
    seen = [placed.item.id for section in sections for placed in section.items]
    assert sorted(seen) == sorted(item.id for item in items if wanted & set(item.decision.themes))
    for section in sections:
        assert section.items
        for placed in section.items:
            assert {section.theme, *placed.also_in} == set(placed.item.decision.themes)
    order = [DIGEST.themes.index(section.theme) for section in sections]
    assert order == sorted(order)


def test_themes_of_an_edition_are_in_the_digests_order_and_none_means_all() -> None:
    assert edition_themes(DIGEST, ("youth", "cooperatives")) == ("cooperatives", "youth")
    assert edition_themes(DIGEST, ()) == DIGEST.themes
    assert edition_themes(DIGEST, ("no longer there",)) == ()
    assert edition_of(small(), themes=("other", "youth")).themes == ("youth", "other")


def test_a_reader_whose_themes_are_gone_is_not_sent_everything() -> None:
    edition = edition_of(small(), themes=("no longer there",))

    assert shown(edition) == []
    assert edition.text.count("April 2023: no news on your themes.") == 1


def test_an_item_is_anchored_by_its_id_and_titled_by_its_link() -> None:
    edition = edition_of(small())
    item = make_item(2)
    anchor = body_of(edition).get_element_by_id(item.id)

    assert (anchor.get("name"), anchor.get("href")) == (item.id, item.link)
    assert anchor.getparent().tag == "h3"


def test_an_item_without_a_link_has_plain_text_for_a_title_and_still_an_anchor() -> None:
    edition = edition_of(issue_of([make_item(1, link=None)]))
    heading = next(body_of(edition).iter("h3"))

    assert heading.text_content() == "Item number 1"
    assert [(anchor.get("id"), anchor.get("href")) for anchor in heading.iter("a")] == [
        (make_item(1).id, None)
    ]


@pytest.mark.parametrize(
    ("changes", "facts"),
    [
        ({"published": date(2023, 4, 19), "place": "Geneva"}, "19 April 2023 · Geneva"),
        ({"published": date(2023, 4, 1), "precision": Precision.MONTH}, "April 2023"),
        (
            {"published": None, "precision": Precision.NONE, "date_text": "Spring, Rome", "place": "Rome"},
            "Spring, Rome",
        ),
        ({"published": None, "precision": Precision.NONE, "place": "Rome"}, "Rome"),
        ({"published": None, "precision": Precision.NONE}, None),
    ],
)
def test_date_and_place_are_told_as_far_as_they_are_known(
    changes: dict[str, object], facts: str | None
) -> None:
    edition = edition_of(issue_of([make_item(1, **changes)]))
    found = [element.text_content() for element in body_of(edition).find_class("facts")]

    assert found == ([facts] if facts else [])
    assert not facts or f"Item number 1\n{facts}\n" in edition.text


@pytest.mark.parametrize(
    ("changes", "title", "summary"),
    [
        ({"title": None}, "What item number 1 is about.", None),
        ({"title": "  ", "summary": "word " * 40}, ("word " * 15).strip() + "…", ("word " * 40).strip()),
        ({"title": None, "summary": None, "kicker": "Call"}, "News item without a title", None),
        ({"title": None, "summary": None}, "News item without a title", None),
        ({"summary": None}, "Item number 1", None),
        ({"summary": "long " * 1000}, "Item number 1", ("long " * 200).strip()[:-1] + "…"),
    ],
)
def test_an_item_without_a_title_borrows_its_first_words_or_says_so(
    changes: dict[str, object], title: str, summary: str | None
) -> None:
    edition = edition_of(issue_of([make_item(1, **changes)]))
    body = body_of(edition)

    assert [heading.text_content() for heading in body.iter("h3")] == [title]
    found = [element.text_content() for element in body.find_class("summary")]
    assert len(found) == (1 if summary else 0)
    assert not summary or (found[0][:20], len(found[0]) <= 1000) == (summary[:20], True)


def test_an_item_of_another_language_says_so_to_people_and_to_programs() -> None:
    edition = edition_of(small())
    block = body_of(edition).get_element_by_id(make_item(5).id).getparent().getparent()
    frame_words = [(span.get("lang"), span.text_content()) for span in block.iter("span")]

    assert (block.get("lang"), block.get("dir")) == ("fr", "ltr")
    assert frame_words == [("en", "1 April 2023"), ("en", "in French"), ("en", "Also in: Cooperatives")]
    assert "1 April 2023 · in French\n" in edition.text


def test_an_item_of_the_frames_own_language_carries_no_language() -> None:
    edition = edition_of(small())
    block = body_of(edition).get_element_by_id(make_item(2).id).getparent().getparent()

    assert block.get("lang") is None
    assert block.get("dir") is None


def test_directions_follow_the_language_or_else_the_letters() -> None:
    body = body_of(edition_of(rtl(), language="ar"))
    blocks = {
        number: body.get_element_by_id(make_item(number).id).getparent().getparent() for number in range(1, 6)
    }

    assert {number: block.get("dir") for number, block in blocks.items()} == {
        1: None,
        2: "ltr",
        3: "ltr",
        4: None,
        5: None,
    }
    english = body_of(edition_of(rtl()))
    unknown = english.get_element_by_id(make_item(4).id).getparent().getparent()
    assert (unknown.get("dir"), unknown.get("lang")) == ("rtl", None)
    assert [summary.get("dir") for summary in unknown.find_class("summary")] == ["ltr"]


def test_labels_and_titles_fall_back_where_a_language_has_none() -> None:
    digest = replace(DIGEST, title={"en": "Only English"}, themes=(*DIGEST.themes, "new", "local"))
    issue = Issue(
        digest="monthly",
        period=small().period,
        sections=(
            *issue_of([make_item(1)]).sections,
            replace(issue_of([make_item(2)]).sections[0], theme="new"),
            replace(issue_of([make_item(3)]).sections[0], theme="local"),
        ),
    )
    edition = render_edition(
        issue,
        digest,
        language="fr",
        themes=(),
        theme_labels={"cooperatives": {"en": "Cooperatives"}, "local": {"eu": "Bertako"}},
        letterhead=LETTERHEAD,
        templates=TEMPLATES,
        secret_key=b"a key of the tests",
    )

    assert edition.subject == "Only English – avril 2023"
    assert [name for name, _ in shown(edition)] == ["Dans ce numéro", "Cooperatives", "new", "Bertako"]

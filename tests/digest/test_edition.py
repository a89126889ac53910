import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml.html import HtmlElement, document_fromstring

from sse_digest.digest.edition import Edition, edition_language, render_edition
from sse_digest.digest.outline import PLACEHOLDER, edition_themes, sections_for
from sse_digest.errors import DigestError
from sse_digest.model.issues import Issue
from sse_digest.model.items import Precision
from sse_digest.model.links import TOKEN_LENGTH
from tests.builders import make_item
from tests.digest.issues import (
    DIGEST,
    FIXTURES,
    LABELS,
    LETTERHEAD,
    TEMPLATES,
    edition_of,
    issue_of,
    long_words,
    rtl,
    small,
)
from tests.digest.mail_rules import html_findings, links_of, text_findings

LANGUAGES = ("en", "fr", "es", "ar")


def body_of(edition: Edition) -> HtmlElement:
    return document_fromstring(edition.html)


def shown(edition: Edition) -> list[tuple[str, list[str]]]:
    """The themes and the titles below each, as a reader of the HTML sees them; the top story's first."""
    sections: list[tuple[str, list[str]]] = []
    for heading in body_of(edition).iter("h2", "h3"):
        if heading.tag == "h2":
            sections.append((heading.text_content(), []))
        else:
            sections[-1][1].append(heading.text_content())
    return sections


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", FIXTURES)
def test_every_edition_keeps_to_the_rules(name: str, language: str) -> None:
    edition = edition_of(FIXTURES[name](), language=language)

    assert html_findings(edition.html) == []
    assert text_findings(edition.text) == []
    assert re.findall(r"https?://[^\s<>\"]+", edition.text)
    assert links_of(edition.html) == set(re.findall(r"https?://[^\s<>\"]+", edition.text))


@pytest.mark.parametrize(
    ("language", "subject"),
    [
        ("en", "News on Social and Solidarity Economy – April 2023"),
        ("fr", "Actualités de l’économie sociale et solidaire – avril 2023"),
        ("es", "Noticias de la economía social y solidaria – abril de 2023"),
        ("ar", "أخبار الاقتصاد الاجتماعي والتضامني – أبريل 2023"),
    ],
)
def test_the_subject_is_the_title_and_the_period_in_the_readers_language(language: str, subject: str) -> None:
    edition = edition_of(small(), language=language)

    assert edition.subject == subject
    assert (edition.language, edition.digest, str(edition.period)) == (language, "monthly", "2023-04")
    assert body_of(edition).findtext("head/title") == subject


def test_the_first_words_say_what_the_issue_holds() -> None:
    edition = edition_of(small())
    sentence = "6 news items from April 2023: Cooperatives, Youth, UN coordination and Other news."

    assert body_of(edition).find("body").text_content().strip().startswith(sentence)
    assert sentence in edition.text.replace("\n", " ")


def test_the_contents_count_what_each_theme_holds_and_lead_there() -> None:
    edition = edition_of(small())
    contents = {line.find("a").get("href"): line.text_content() for line in body_of(edition).iter("li")}

    assert contents == {
        "#theme-cooperatives": "Cooperatives (2)",
        "#theme-youth": "Youth (1)",
        "#theme-un-coordination": "UN coordination (2)",
        "#theme-other": "Other news (1)",
    }
    assert "* UN coordination (2)\n" in edition.text


def test_a_single_theme_needs_no_contents() -> None:
    edition = edition_of(small(), themes=("youth",))

    assert not list(body_of(edition).iter("li"))
    assert "In this issue" not in edition.html + edition.text


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


@pytest.mark.parametrize(
    ("asked", "given_language"),
    [("fr", "fr"), ("fr-CA", "fr"), ("de", "en"), ("ar", "en"), ("", "en"), ("es", "en")],
)
def test_the_frame_is_in_a_language_on_offer(asked: str, given_language: str) -> None:
    assert edition_language(replace(DIGEST, languages=("en", "fr")), asked) == given_language


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
    )

    assert edition.subject == "Only English – avril 2023"
    assert [name for name, _ in shown(edition)] == ["Dans ce numéro", "Cooperatives", "new", "Bertako"]


def test_the_footer_says_why_who_and_how_to_stop() -> None:
    edition = edition_of(small())
    for part in (body_of(edition).text_content(), edition.text.replace("\n", " ")):
        assert "because you subscribed to “News on Social and Solidarity Economy”, published by" in part
        assert "It was sent by SSE Digest (digest@news.example.org)." in part
        assert "12 rue des Exemples, 1201 Geneva, Switzerland" in part
        assert "Unsubscribe from this list" in part
    assert f"https://news.example.org/unsubscribe/{PLACEHOLDER}" in links_of(edition.html)
    assert len(PLACEHOLDER) == TOKEN_LENGTH
    assert edition.html.count(PLACEHOLDER) == edition.text.count(PLACEHOLDER) == 1


@pytest.mark.parametrize("public_url", [None, "http://news.example.org", ""])
def test_no_link_leads_to_a_page_that_is_not_served(public_url: str | None) -> None:
    edition = edition_of(small(), public_url=public_url)

    assert PLACEHOLDER not in edition.html + edition.text
    assert "Unsubscribe" not in edition.html + edition.text
    assert "Earlier issues" not in edition.html + edition.text


def test_an_archive_is_named_where_there_is_one() -> None:
    edition = edition_of(small(), archive_url="https://news.example.org/archive/")

    assert "https://news.example.org/archive/" in links_of(edition.html)
    assert "Earlier issues\nhttps://news.example.org/archive/\n" in edition.text


def test_texts_from_outside_stay_text() -> None:
    edition = edition_of(FIXTURES["hostile"]())
    body = body_of(edition)

    assert "<script>alert(1)</script></title></style>&amp;" in body.text_content()
    assert "{{ 7*7 }}{% raw %} %(title)s %s" in body.text_content()
    assert "{{ 7*7 }}{% raw %} %(title)s %s" in edition.text
    assert "\nBcc:" not in edition.text
    assert not re.search("[\0\x1b\u202a-\u202e\u2066-\u2069\ud800-\udfff]", edition.html + edition.text)
    assert "secret" not in edition.html + edition.text


def test_a_placeholder_in_an_items_words_is_never_filled() -> None:
    item = make_item(
        1, title=f"x{PLACEHOLDER}y", link=f"https://news.example.org/{PLACEHOLDER}", kicker=PLACEHOLDER
    )

    edition = edition_of(issue_of([item]))

    assert edition.html.count(PLACEHOLDER) == edition.text.count(PLACEHOLDER) == 1


def test_long_addresses_are_never_broken_in_the_text() -> None:
    edition = edition_of(long_words())

    assert f"\nhttps://news.example.org/{'x' * 900}?a=1&b=3\n" in edition.text


TEXT = st.one_of(st.none(), st.text(alphabet=st.characters(exclude_categories=()), max_size=60))


ITEMS = st.fixed_dictionaries(
    dict.fromkeys(("title", "summary", "kicker", "place", "link", "language", "date_text"), TEXT)
)


@settings(deadline=None)
@given(values=ITEMS, day=st.one_of(st.none(), st.dates()), language=st.sampled_from(LANGUAGES))
def test_no_item_makes_rendering_raise(
    values: dict[str, str | None], day: date | None, language: str
) -> None:
    precision = Precision.DAY if day else Precision.NONE
    item = make_item(1, published=day, precision=precision, **values)

    edition = edition_of(issue_of([item, make_item(2), make_item(3)], lead=item.id), language=language)

    assert edition.html.encode()
    assert edition.text.encode()
    assert not [finding for finding in html_findings(edition.html) if "https link" not in finding]


def test_the_same_input_gives_the_same_bytes_in_every_process() -> None:
    code = (
        "import hashlib; from tests.digest.issues import *\n"
        "parts = [edition_of(FIXTURES[n](), language=l) for n in FIXTURES for l in ('en', 'ar')]\n"
        "print(hashlib.sha256(repr([(p.html, p.text) for p in parts]).encode()).hexdigest())"
    )
    root = Path(__file__).resolve().parents[2]
    seen = set()
    for seed, zone, locale in (
        ("0", "UTC", "C"),
        ("1", "Asia/Tokyo", "C.UTF-8"),
        ("77", "America/Lima", "POSIX"),
    ):
        environment = {
            **os.environ,
            "PYTHONHASHSEED": seed,
            "TZ": zone,
            "LC_ALL": locale,
            "PYTHONPATH": str(root),
        }
        run = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env=environment,
            cwd=root,
        )
        seen.add(run.stdout)

    assert len(seen) == 1


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("item.html", "{{ nobody.knows }}", "'nobody' is undefined"),
        ("item.html", "{% if %}", "item.html:1"),
        ("digest.txt", "{% include 'absent.txt' %}", "absent.txt"),
        ("digest.txt", "{{ 1 / 0 }}", "division by zero"),
        ("digest.html", None, "digest.html"),
    ],
)
def test_a_wrong_template_is_told_with_its_folder(
    tmp_path: Path, name: str, content: str | None, told: str
) -> None:
    folder = shutil.copytree(TEMPLATES, tmp_path / "email")
    (folder / name).unlink()
    if content is not None:
        (folder / name).write_text(content)

    with pytest.raises(DigestError, match=re.escape(str(folder))) as caught:
        render_edition(
            small(),
            DIGEST,
            language="en",
            themes=(),
            theme_labels=LABELS,
            letterhead=LETTERHEAD,
            templates=folder,
        )
    assert told in str(caught.value)


def test_a_changed_template_is_used_at_once(tmp_path: Path) -> None:
    folder = shutil.copytree(TEMPLATES, tmp_path / "email")

    def subject_of_text() -> str:
        edition = render_edition(
            small(),
            DIGEST,
            language="en",
            themes=(),
            theme_labels=LABELS,
            letterhead=LETTERHEAD,
            templates=folder,
        )
        return edition.text

    assert subject_of_text().startswith("News on")
    (folder / "digest.txt").write_text("changed {{ subject }}")
    os.utime(folder / "digest.txt", (1, 1))
    assert subject_of_text() == "changed News on Social and Solidarity Economy – April 2023\n"

"""Images stand in a mail with words and credit or not at all; translations of one item stand once."""

import pytest

from sse_digest.model.items import Item
from tests.builders import make_item
from tests.digest.issues import LETTERHEAD, edition_of, issue_of, small
from tests.digest.mail_rules import html_findings, links_of, text_findings
from tests.digest.reading import body_of, shown


def pictured(**changes: object) -> Item:
    values: dict[str, object] = {
        "image_url": "https://img.example/farm.jpg",
        "image_alt": "Farmers at a market",
        "credit": "© A. Ruiz",
    }
    return make_item(1, **{**values, **changes})


def test_an_image_stands_below_its_item_with_words_and_credit() -> None:
    edition = edition_of(issue_of([pictured()]))
    [image] = body_of(edition).iter("img")

    assert dict(image.attrib).items() >= {"alt": "Farmers at a market", "width": "592"}.items()
    assert "max-width: 100%" in str(image.get("style"))
    assert image.xpath("preceding::h3")
    assert image.getparent().get("href") == body_of(edition).xpath("//h3/a/@href")[0]  # as people expect
    assert "© A. Ruiz" in body_of(edition).text_content()
    assert "Picture: Farmers at a market (© A. Ruiz)" in edition.text
    assert html_findings(edition.html) == []
    assert text_findings(edition.text) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"image_alt": None},
        {"image_alt": "\u202e"},
        {"credit": None},
        {"image_url": None},
        {"image_url": "http://img.example/farm.jpg"},
        {"image_url": "javascript:alert(1)"},
        {"image_url": "https://img.example/farm.WEBP?w=1"},
    ],
)
def test_an_image_that_a_mail_may_not_show_is_left_out_and_its_item_is_not(
    changes: dict[str, object],
) -> None:
    edition = edition_of(issue_of([pictured(**changes)]))

    assert "<img" not in edition.html
    assert "Picture:" not in edition.text
    assert shown(edition)[0][1] != []


def sisters() -> list[Item]:
    """One item in three languages, in two themes, and one that stands alone."""
    return [
        make_item(1, title="A law", language="en", group="g", themes=("cooperatives",)),
        make_item(2, title="Une loi", language="fr", group="g", themes=("cooperatives",)),
        make_item(3, title="Ein Gesetz", language="de", group="g", themes=("youth",)),
        make_item(4, title="Alone", language="en", themes=("cooperatives",)),
        make_item(5, title="Alone too", language="en", themes=("cooperatives",)),
    ]


@pytest.mark.parametrize(
    ("language", "themes", "titles"),
    [
        ("fr", (), {"Une loi", "Alone", "Alone too"}),
        ("en", (), {"A law", "Alone", "Alone too"}),
        ("es", (), {"A law", "Alone", "Alone too"}),  # none in Spanish: the digest's own language
        ("fr", ("youth",), {"Ein Gesetz"}),  # the only one that this reader's themes hold
    ],
)
def test_translations_of_an_item_stand_once_in_the_readers_language(
    language: str, themes: tuple[str, ...], titles: set[str]
) -> None:
    edition = edition_of(issue_of(sisters()), language=language, themes=themes)

    told = [title for _, below in shown(edition) for title in below]
    assert set(told) == titles
    assert len(told) == len(titles)


def test_the_translation_that_is_kept_stands_for_the_lead() -> None:
    items = sisters()
    edition = edition_of(issue_of(items, lead=items[0].id), language="fr")

    assert shown(edition)[0] == ("À la une", ["Une loi"])


def test_a_mail_leads_to_the_issue_on_the_web_in_every_language() -> None:
    pages = {tag: f"https://news.example.org/issues.{tag}.html" for tag in ("en", "fr", "ar")}
    edition = edition_of(small(), language="ar", issue_pages=pages)

    links = [a for a in body_of(edition).iter("a") if a.get("href") in pages.values()]
    assert [(a.get("lang"), a.get("dir"), a.text_content()) for a in links] == [
        ("ar", "rtl", "العربية"),
        ("en", "ltr", "English"),
        ("fr", "ltr", "français"),
    ]
    assert set(pages.values()) < links_of(edition.html)
    assert all(f"\n{page}\n" in edition.text for page in pages.values())
    assert LETTERHEAD.issue_pages == {}
    assert html_findings(edition.html) == []


def test_a_credit_keeps_its_own_direction_inside_an_item_of_the_other() -> None:
    edition = edition_of(issue_of([pictured(title="أخبار", language="ar")]), language="ar")

    assert body_of(edition).xpath("//p[@class='picture']//span[@dir='ltr']/text()") == ["© A. Ruiz"]

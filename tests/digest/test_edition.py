import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import date
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sse_digest.digest.edition import EditionRenderer, edition_language, render_edition
from sse_digest.digest.token_gaps import GAP, parts_of
from sse_digest.errors import DigestError
from sse_digest.model.items import Precision
from sse_digest.model.signed_tokens import TOKEN_LENGTH
from tests.builders import make_item
from tests.digest.issues import (
    DIGEST,
    FIXTURES,
    LABELS,
    LETTERHEAD,
    TEMPLATES,
    THEMES,
    edition_of,
    issue_of,
    long_words,
    small,
)
from tests.digest.mail_rules import html_findings, links_of, text_findings
from tests.digest.reading import body_of

LANGUAGES = ("en", "fr", "es", "ar")


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
    contents = {
        line.find("a").get("href"): line.text_content().removesuffix(" · ")
        for line in body_of(edition).iter("li")
    }

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


@pytest.mark.parametrize(
    ("asked", "given_language"),
    [("fr", "fr"), ("fr-CA", "fr"), ("de", "en"), ("ar", "en"), ("", "en"), ("es", "en")],
)
def test_the_frame_is_in_a_language_on_offer(asked: str, given_language: str) -> None:
    assert edition_language(replace(DIGEST, languages=("en", "fr")), asked) == given_language


def test_the_footer_says_why_who_and_how_to_stop() -> None:
    edition = edition_of(small())
    for part in (body_of(edition).text_content(), edition.text.replace("\n", " ")):
        assert "because you subscribed to “News on Social and Solidarity Economy”, published by" in part
        assert "It was sent by SSE Digest (digest@news.example.org)." in part
        assert "12 rue des Exemples, 1201 Geneva, Switzerland" in part
        assert "Unsubscribe from this list" in part
    assert f"https://news.example.org/unsubscribe/{GAP}" in links_of(edition.html)
    assert len(GAP) == TOKEN_LENGTH
    assert edition.html.count(GAP) == edition.text.count(GAP) == 1


@pytest.mark.parametrize("public_url", [None, "http://news.example.org", ""])
def test_no_link_leads_to_a_page_that_is_not_served(public_url: str | None) -> None:
    edition = edition_of(small(), public_url=public_url)

    assert GAP not in edition.html + edition.text
    assert "Unsubscribe" not in edition.html + edition.text
    assert "Earlier issues" not in edition.html + edition.text


def test_an_archive_is_named_where_there_is_one() -> None:
    edition = edition_of(
        small(), archive_pages={"en": "https://news.example.org/archive/", "fr": "https://a.example"}
    )

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


def test_a_gap_in_an_items_words_is_never_filled() -> None:
    item = make_item(1, title=f"x{GAP}y", link=f"https://news.example.org/{GAP}", kicker=GAP)

    edition = edition_of(issue_of([item]))

    assert (len(edition.html_gaps), len(edition.text_gaps)) == (1, 1)
    for text, gaps in ((edition.html, edition.html_gaps), (edition.text, edition.text_gaps)):
        assert all(part.endswith("/unsubscribe/") for part in parts_of(text, gaps)[:-1])
        assert text.count(GAP) > 1


def test_long_addresses_are_never_broken_in_the_text() -> None:
    edition = edition_of(long_words())

    assert f"\nhttps://news.example.org/{'x' * 900}?a=1&b=3\n" in edition.text


TEXT = st.one_of(st.none(), st.text(alphabet=st.characters(exclude_categories=()), max_size=60))


ITEMS = st.fixed_dictionaries(
    dict.fromkeys(("title", "summary", "kicker", "place", "link", "language", "date_text"), TEXT)
)


@pytest.mark.slow
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
            secret_key=b"a key of the tests",
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
            secret_key=b"a key of the tests",
        )
        return edition.text

    assert subject_of_text().startswith("News on")
    (folder / "digest.txt").write_text("changed {{ subject }}")
    os.utime(folder / "digest.txt", (1, 1))
    assert subject_of_text() == "changed News on Social and Solidarity Economy – April 2023\n"


@pytest.mark.parametrize("language", DIGEST.languages)
def test_a_press_gives_every_edition_as_if_it_were_the_only_one(language: str) -> None:
    issue = small()
    press = EditionRenderer(
        issue,
        DIGEST,
        theme_labels=LABELS,
        letterhead=LETTERHEAD,
        templates=TEMPLATES,
        secret_key=b"a key of the tests",
    )
    sets = [chosen for size in range(len(THEMES) + 1) for chosen in combinations(THEMES, size)]

    together = [press.edition(language=language, themes=themes) for themes in sets]

    assert together == [edition_of(issue, language=language, themes=themes) for themes in sets]

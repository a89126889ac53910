import json
import re
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from sse_digest.errors import SourceError
from sse_digest.model.items import Precision, ReadItem
from sse_digest.sources.kinds.text import MAX_LINES, read_page, read_text
from sse_digest.sources.page import Page
from tests.options import source_options
from tests.sources.listings import Listing, load_listings

LISTINGS = load_listings()


def read(text: str, language: str | None = None) -> tuple[ReadItem, ...]:
    """Read the items, warnings aside."""
    return tuple(replace(item, warnings=()) for item in read_text(text, language=language).items)


# ------------------------------------------------------------------ made-up listings


@pytest.mark.parametrize("listing", LISTINGS, ids=lambda listing: listing.name)
def test_a_listing_is_read_as_a_person_reads_it(listing: Listing) -> None:
    assert read(listing.text, listing.language) == listing.items


@pytest.mark.parametrize("listing", LISTINGS, ids=lambda listing: listing.name)
def test_the_languages_are_the_same_when_the_page_does_not_say_its_own(listing: Listing) -> None:
    assert [item.language for item in read(listing.text)] == [item.language for item in listing.items]


def flat(text: str) -> str:
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


def dashed(text: str) -> str:
    return flat(re.sub(r"^ {2}\d+\. ", "-\n", text, flags=re.MULTILINE))


SAME_TO_A_READER: dict[str, Callable[[str], str]] = {
    "line ends of Windows": lambda text: text.replace("\n", "\r\n"),
    "line ends of old Macs": lambda text: text.replace("\n", "\r"),
    "a byte order mark": lambda text: "\ufeff" + text,
    "no-break spaces": lambda text: text.replace(" ", "\xa0"),
    "double spaces": lambda text: re.sub(r"(?<=\S) (?=\S)", "  ", text),
    "spaces at line ends": lambda text: text.replace("\n", " \t\n"),
    "more empty lines": lambda text: text.replace("\n\n", "\n\n \n\n"),
    "no empty lines": lambda text: "\n".join(line for line in text.splitlines() if line.strip()),
    "tabs": lambda text: re.sub(r"^ {2}(\w+)\. ", r"\1.\t", text.replace("    ", "\t"), flags=re.MULTILINE),
    "no indentation": lambda text: "\n".join(line.lstrip() for line in text.splitlines()),
    "neither indentation nor empty lines": flat,
    "brackets behind the numbers": lambda text: re.sub(r"^( {2}\w+)\. ", r"\1) ", text, flags=re.MULTILINE),
    "numbers on lines of their own": lambda text: re.sub(
        r"^( {2}\w+\.) ", "\\1\n    ", text, flags=re.MULTILINE
    ),
    "bullets": lambda text: re.sub(r"^-$", "•", text, flags=re.MULTILINE),
    "dashes before the text": lambda text: re.sub(r"^-\n", "- ", text, flags=re.MULTILINE),
    "decomposed accents": lambda text: unicodedata.normalize("NFD", text),
    "zero-width spaces": lambda text: text.replace(" ", " \u200b"),
}


@pytest.mark.parametrize("change", SAME_TO_A_READER)
@pytest.mark.parametrize("listing", LISTINGS, ids=lambda listing: listing.name)
def test_what_a_person_does_not_see_changes_nothing(listing: Listing, change: str) -> None:
    assert read(SAME_TO_A_READER[change](listing.text), listing.language) == listing.items


# ------------------------------------------------------------------ real listings


def expected_items(path: Path) -> list[dict[str, Any]]:
    page = json.loads(path.read_text(encoding="utf-8"))
    return [{"language": page["language"], **item} for item in page["items"]]


def as_expected(item: ReadItem) -> dict[str, Any]:
    return {
        "section": item.section,
        "credit": item.credit,
        "label": item.kicker,
        "title": item.title,
        "date_text": item.date_text,
        "date": item.published.isoformat() if item.published else None,
        "place": item.place,
        "summary": item.summary,
        "language": item.language,
    }


@pytest.mark.parametrize(
    "change", ["", "no indentation", "neither indentation nor empty lines", "double spaces"]
)
def test_the_real_listings_are_read_exactly(shared_data: Path, change: str) -> None:
    alter = SAME_TO_A_READER.get(change, str)
    wrong = []
    for path in sorted((shared_data / "news" / "pages").glob("*.json")):
        expected = expected_items(path)
        text = alter(path.with_suffix(".txt").read_text(encoding="utf-8"))
        items = read_text(text, language=expected[0]["language"]).items[: len(expected)]
        for item, wanted in zip(items, expected, strict=True):
            wanted.pop("date_range", None)
            if as_expected(item) != wanted:
                wrong.append((path.stem, as_expected(item), wanted))

    assert wrong == []


def test_the_real_listings_are_the_same_items_when_dashes_stand_for_numbers(shared_data: Path) -> None:
    for path in sorted((shared_data / "news" / "pages").glob("*.txt")):
        text = path.read_text(encoding="utf-8")
        assert read(dashed(text)) == read(text), path.stem


def test_the_first_page_of_all_gives_its_ten_items(shared_data: Path) -> None:
    seed = (shared_data / "news" / "seed.txt").read_text(encoding="utf-8")
    twin = expected_items(shared_data / "news" / "pages" / "en_seed_2023-04_dash.json")

    items = read_text(seed).items

    assert len(items) == 10
    same = ("section", "credit", "label", "title", "date_text", "date", "language")
    for item, wanted in zip(items, twin, strict=True):
        assert [as_expected(item)[field] for field in same] == [wanted[field] for field in same]
        assert (item.summary is None) == (wanted["summary"] is None)
        assert item.summary is None or item.summary in seed.splitlines()


# ------------------------------------------------------------------ single habits


def test_thirty_items_are_counted_past_two_digits() -> None:
    text = "\n\n".join(
        f"{n:3}. Story number {n}\n\n    {n:02} May 2021\n\n    What happened." for n in range(1, 31)
    )

    items = read(text, "en")

    assert [item.title for item in items] == [f"Story number {n}" for n in range(1, 31)]
    assert [item.published for item in items] == [date(2021, 5, n) for n in range(1, 31)]


def test_several_paragraphs_behind_the_date_are_one_summary() -> None:
    text = (
        "  1. A title\n\n    3 May 2021\n\n    First paragraph.\n\n    Second paragraph, 4 May 2021, Rome.\n"
    )

    (item,) = read(text)

    assert item.summary == "First paragraph. Second paragraph, 4 May 2021, Rome."


def test_a_title_over_several_lines_is_put_together_with_a_warning() -> None:
    text = "-\nInterview\nA title that\nwent over two lines\n3 May 2021\n"

    (item,) = read_text(text).items

    assert (item.kicker, item.title) == ("Interview", "A title that went over two lines")
    assert "several lines" in item.warnings[0]


def test_a_credit_may_have_its_sign_on_a_line_of_its_own() -> None:
    (item,) = read("-\n©\nRosa Keller 2018\nA title\n3 May 2021\n")

    assert (item.credit, item.title) == ("© Rosa Keller 2018", "A title")


@pytest.mark.parametrize(
    "credit", ["(c) ILO 2023", "Photo: © ILO", "Crédit photo © Jean Petit / ILO 2021", "©X"]
)
def test_odd_credits_are_credits(credit: str) -> None:
    (item,) = read(f"-\n{credit}\nA title\n3 May 2021\n")

    assert (item.credit, item.title) == (credit, "A title")


def test_an_undated_item_among_dated_ones_says_so() -> None:
    text = "May 2021\n-\nA title\n3 May 2021\n-\nA call\nIt closes soon.\n-\nAnother\n2 May 2021\n"

    reading = read_text(text)

    assert [item.warnings for item in reading.items] == [(), ("no date",), ()]
    assert [item.precision for item in reading.items] == [Precision.DAY, Precision.NONE, Precision.DAY]


def test_what_is_left_out_is_said() -> None:
    text = (
        "Contact\n-\npress@coop.example\nMay 2021\n-\nA title\n3 May 2021\n-\nB title\n2 May 2021\n-\nCut o"
    )

    reading = read_text(text)

    assert [item.title for item in reading.items] == ["A title", "B title"]
    assert len(reading.warnings) == 2
    assert "press@coop.example" in reading.warnings[0]
    assert "Cut o" in reading.warnings[1]


def test_a_marker_with_nothing_but_a_date_or_credit_is_no_item() -> None:
    reading = read_text("-\nA title\n3 May 2021\n-\n© ILO\n2 May 2021\n-\n-\nB title\n1 May 2021\n")

    assert [item.title for item in reading.items] == ["A title", "B title"]
    assert "without a title and a summary, which were left out: 2" in reading.warnings[0]


def test_an_empty_line_ends_a_listing_that_has_none_within_its_items() -> None:
    text = "-\nA title\n3 May 2021\n\nApril 2021\n-\nB title\n2 April 2021\n\nAbout us\nWork with us\n"

    assert [(item.title, item.summary) for item in read(text)] == [("A title", None), ("B title", None)]


def test_the_same_item_twice_on_a_page_is_given_twice() -> None:
    text = "-\nA title\n3 May 2021\nSame words.\n" * 2

    first, second = read(text)

    assert first == second


def test_the_page_language_is_told_or_taken() -> None:
    text = "Noticias\n-\nLa cooperativa de la costa estrena barco\n3 de mayo de 2021\n"

    assert read_text(text).language == "es"
    assert read_text(text, language="pt-BR").language == "pt"


@pytest.mark.slow
def test_an_endless_listing_is_cut_with_a_warning() -> None:
    reading = read_text("-\nTitle\n3 May 2021\n" * (MAX_LINES // 3 + 5))

    assert len(reading.items) <= MAX_LINES // 3 + 1
    assert any(str(MAX_LINES) in warning for warning in reading.warnings)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        "Just a sentence.",
        "News\n\nNothing here yet",
        "May 2021\n\nJune 2021",
        "-",
        "-\n-\n-",
        "1.",
        "7. Seven",
    ],
)
def test_what_is_no_listing_has_no_items(text: str) -> None:
    assert read_text(text).items == ()


# ------------------------------------------------------------------ pages


OPTIONS = source_options(name="news", kind="text", url="https://coop.example/news", language="fr")


def test_a_page_is_read_with_the_sources_language() -> None:
    page = Page(data=b"\xef\xbb\xbf-\r\nTitre \xc3\xa9crit\r\n3 mai 2021\r\n", place="news.txt")

    reading = read_page(page, OPTIONS)

    assert reading.language == "fr"
    assert [(item.title, item.published, item.language) for item in reading.items] == [
        ("Titre écrit", date(2021, 5, 3), "fr"),
    ]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("-\nTitre écrit".encode("latin-1"), "news.txt is not UTF-8"),
        (b"%PDF-1.7\n\x00", "news.txt is not text"),
    ],
)
def test_a_page_that_is_no_text_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        read_page(Page(data=data, place="news.txt"), OPTIONS)

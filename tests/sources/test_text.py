import json
import re
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sse_digest.errors import SourceError
from sse_digest.model.items import Precision, ReadItem
from sse_digest.sources.options import SourceOptions
from sse_digest.sources.page import Page
from sse_digest.sources.text import MAX_LINES, read_page, read_text
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
    assert "without title and summary: 2" in reading.warnings[0]


def test_the_same_item_twice_on_a_page_is_given_twice() -> None:
    text = "-\nA title\n3 May 2021\nSame words.\n" * 2

    first, second = read(text)

    assert first == second


def test_the_page_language_is_told_or_taken() -> None:
    text = "Noticias\n-\nLa cooperativa de la costa estrena barco\n3 de mayo de 2021\n"

    assert read_text(text).language == "es"
    assert read_text(text, language="pt-BR").language == "pt"


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


# ------------------------------------------------------------------ any text


@given(st.text())
def test_no_text_makes_it_fail(text: str) -> None:
    read_text(text)


LINES = st.sampled_from(
    [
        *(
            "",
            "-",
            "- A",
            "•",
            "1. News",
            "  1. News",
            "  2. Title",
            " 10. Ten",
            "2. Juni 2018",
            "    Title of it",
        ),
        *(
            "© A / B 2023",
            "©",
            "    © X",
            "May 2021",
            "2021",
            "12 May 2021",
            "    12 May 2021, Rome",
            "03/04/2021",
        ),
        *("12 - 14 May 2021", "31 February 2021", "News", "Media contact", "a@b.example", "+41 22 555 01 23"),
        *(
            "Long running text, with more than one sentence. It goes on, and ends.",
            "Page 2 of 7",
            "Next",
            "\tTab",
        ),
        *("الأخبار", "٠١ يوليو, ٢٠١٧", "\ufeff", "\x00", "\u202e", "-\u200b", "1)", "..."),
    ],
)


@given(st.lists(LINES, max_size=30))
def test_no_heap_of_listing_lines_makes_it_fail_and_all_it_gives_is_plain_and_from_the_text(
    lines: list[str],
) -> None:
    text = "\n".join(lines)
    folded = " ".join(text.split())

    for item in read_text(text).items:
        assert item.title or item.summary
        assert (item.published is None) == (item.precision is Precision.NONE)
        for words in (
            item.section,
            item.credit,
            item.kicker,
            item.title,
            item.date_text,
            item.place,
            item.summary,
        ):
            assert words is None or (words and words == " ".join(words.split()))
            assert words is None or unicodedata.is_normalized("NFC", words)
        assert item.date_text is None or item.date_text in folded


# Words as they stand in titles: no line that is a date, a number or a pager, and no full stop.
WORDS = st.text(alphabet="abcdefghijklmnopqrstuvwxyzéñüأبتж", min_size=2, max_size=9)
TITLES = st.lists(WORDS, min_size=2, max_size=8).map(lambda words: "Zu " + " ".join(words))
SUMMARIES = st.lists(WORDS, min_size=12, max_size=40).map(lambda words: "So " + " ".join(words) + ".")
ITEMS = st.lists(
    st.builds(
        ReadItem,
        credit=st.none() | TITLES.map("© {} 2024".format),
        title=TITLES,
        published=st.dates(date(1990, 1, 1), date(2030, 1, 1)),
        summary=st.none() | SUMMARIES,
    ),
    min_size=1,
    max_size=6,
)


def fields_of(item: ReadItem, kicker: str | None = None) -> list[str]:
    assert item.published is not None
    day = f"{item.published:%d %B %Y}"
    return [words for words in (item.credit, kicker, item.title, day, item.summary) if words]


def found_in(text: str) -> list[tuple[str | None, ...]]:
    return [(item.credit, item.title, item.summary, str(item.published)) for item in read_text(text).items]


def told(items: list[ReadItem]) -> list[tuple[str | None, ...]]:
    return [(item.credit, item.title, item.summary, str(item.published)) for item in items]


def numbered(rows: list[list[str]]) -> str:
    return "\n\n".join(f"{n:3}. " + "\n\n    ".join(row) for n, row in enumerate(rows, start=1))


@given(ITEMS)
def test_generated_items_come_back_from_a_numbered_page(items: list[ReadItem]) -> None:
    assert found_in(f"News\n\n{numbered(list(map(fields_of, items)))}\n") == told(items)


@given(ITEMS)
def test_generated_items_come_back_from_a_page_of_dashes(items: list[ReadItem]) -> None:
    rows = ["\n".join(["-", *fields_of(item)]) for item in items]

    assert found_in("\n".join(["News", *rows])) == told(items)


@given(ITEMS, st.lists(st.sampled_from(["News", "Zur Lage", "Press release"]), min_size=6, max_size=6))
def test_generated_items_come_back_from_a_page_with_kickers(
    items: list[ReadItem], kickers: list[str]
) -> None:
    rows = [fields_of(item, kicker) for item, kicker in zip(items, kickers, strict=False)]

    text = f"News\n\n{numbered(rows)}\n"

    assert found_in(text) == told(items)
    assert [item.kicker for item in read_text(text).items] == kickers[: len(items)]


@given(ITEMS)
def test_generated_items_come_back_from_under_their_months(items: list[ReadItem]) -> None:
    text = "News\n\n" + "\n\n".join(
        f"{item.published:%B %Y}\n\n  1. " + "\n\n    ".join(fields_of(item))
        for item in items
        if item.published
    )

    assert found_in(text) == told(items)
    assert [item.section for item in read_text(text).items] == [f"{item.published:%B %Y}" for item in items]


@given(ITEMS, st.integers(1, 400))
def test_generated_spans_keep_their_titles(items: list[ReadItem], days: int) -> None:
    rows = []
    for item in items:
        assert item.published is not None
        span = f"{item.published:%d %B %Y} - {item.published + timedelta(days=days):%d %B %Y}"
        rows.append([words for words in (item.credit, item.title, span, item.summary) if words])

    found = read_text(f"Projects\n\n{numbered(rows)}\n").items

    assert [(item.title, item.published) for item in found] == [(item.title, None) for item in items]


# ------------------------------------------------------------------ pages


OPTIONS = SourceOptions(name="news", kind="text", url="https://coop.example/news", language="fr")


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

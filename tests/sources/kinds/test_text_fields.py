import unicodedata
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from sse_digest.model.items import Precision, ReadItem
from sse_digest.sources.kinds.text import read_text


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

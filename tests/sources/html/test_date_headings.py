"""Days whose year stands in a heading above them, and texts that only lead on to an item."""

from datetime import date

import pytest

from sse_digest.sources.html.date_headings import DateHeading, completed
from sse_digest.sources.kinds.html import read_html
from sse_digest.sources.text.line_types import is_aside, leads_on, leads_on_to

YEAR = DateHeading("2024", 2024)
MONTH = DateHeading("Marzo de 2024", 2024, 3)


@pytest.mark.parametrize(
    ("text", "heading", "full"),
    [
        ("14 марта", YEAR, "14 марта 2024"),
        ("March 14", YEAR, "March 14 2024"),
        ("14 March –", YEAR, "14 March 2024"),
        ("14.03.", YEAR, "14.03. 2024"),
        ("3月14日", YEAR, "2024年3月14日"),
        ("29 février", YEAR, "29 février 2024"),
        ("14 de marzo", MONTH, "14 de marzo 2024"),
        ("jueves 14", MONTH, "jueves 14 Marzo de 2024"),
    ],
)
def test_a_day_is_completed_by_the_heading_above_it(text: str, heading: DateHeading, full: str) -> None:
    assert completed(text, heading) == full


@pytest.mark.parametrize(
    ("text", "heading"),
    [
        ("14", MONTH),  # may count comments
        ("14", YEAR),
        ("3/4", YEAR),  # the third picture of four
        ("12 - 14 March", YEAR),
        ("29 février", DateHeading("2023", 2023)),
        ("14 de abril", MONTH),
        ("14 March 2021", YEAR),
        ("Room 14", YEAR),
        ("On 14 March the members met", YEAR),
        ("March", YEAR),
    ],
)
def test_what_is_no_day_or_does_not_fit_its_heading_is_not_completed(text: str, heading: DateHeading) -> None:
    assert completed(text, heading) is None


def days_of(body: str) -> list[date | None]:
    reading = read_html(
        f'<html lang="en"><body>{body}</body></html>',
        base_url="https://www.example.org/",
        preset=None,
        selectors={"item": ".one", "title": "a"},
    )
    return [item.published for item in reading.items]


def entry(day: str) -> str:
    return f'<div class="one"><span>{day}</span><a href="/{day[:2]}">The members met on the {day}</a></div>'


def test_the_nearest_heading_above_counts_across_what_stands_around_the_items() -> None:
    body = (
        f"<h2>2024</h2><div><h3>March</h3>{entry('14 March')}{entry('2 March')}</div>"
        f"<section><h2>Year 2023</h2><div>{entry('14 May')}</div></section>"
    )
    assert days_of(body) == [date(2024, 3, 14), date(2024, 3, 2), date(2023, 5, 14)]


def test_no_day_is_completed_across_a_heading_that_says_no_year() -> None:
    body = f"<h2>2024</h2>{entry('14 March')}<h2>Coming up</h2>{entry('2 May')}"
    assert days_of(body) == [date(2024, 3, 14), None]


def test_a_day_without_a_year_stays_unread_where_no_heading_says_one() -> None:
    assert days_of(f"<h2>News</h2>{entry('14 March')}") == [None]
    assert days_of(f"<p>© 2024</p>{entry('14 March')}") == [None]


@pytest.mark.parametrize(
    ("line", "leads"),
    [
        ("Read more about The fair", True),
        ("Leer más Sobre The fair »", True),
        ("Continue reading “The fair”", True),
        ("The fair: read more", True),
        ("The fair", False),
        ("The fair opens on Monday", False),
        ("Visitors of The fair read a lot", False),
        ("Read more", False),
    ],
)
def test_a_line_that_only_leads_to_a_title_is_told(line: str, leads: bool) -> None:
    assert leads_on_to(line, "The fair") is leads


def test_a_line_begins_with_words_that_lead_on() -> None:
    assert leads_on("Weiterlesen: Der Markt")
    assert leads_on("En savoir plus sur la foire")
    assert not leads_on("The more the better")
    assert not leads_on("")


def test_a_link_that_names_its_item_again_is_no_part_of_the_summary() -> None:
    reading = read_html(
        '<body><div class="one"><h3>The fair</h3><p>It opens at nine. <a href="/1">Read more<span> about The '
        "fair</span></a></p></div></body>",
        base_url="https://www.example.org/",
        preset=None,
        selectors={"item": ".one"},
    )
    assert reading.items[0].summary == "It opens at nine."


def test_days_over_the_items_of_one_list_are_theirs() -> None:
    body = (
        f"<h3>Thursday 14 March 2024</h3>{entry('aa')}{entry('bb')}"
        f"<h3>12 March 2024</h3>{entry('cc')}<h3>Elsewhere</h3>{entry('dd')}"
    )
    assert days_of(body) == [date(2024, 3, 14), date(2024, 3, 14), date(2024, 3, 12), None]


def test_one_day_over_a_list_may_be_the_day_the_page_was_shown() -> None:
    assert days_of(f"<h3>Thursday 14 March 2024</h3>{entry('aa')}{entry('bb')}") == [None, None]


def test_the_day_of_one_item_is_not_that_of_the_next() -> None:
    day = '<p class="day">{} March 2024</p>'
    body = f"{entry('aa')}{day.format(14)}{entry('bb')}{day.format(12)}{entry('cc')}"
    assert days_of(body) == [None, None, None]


@pytest.mark.parametrize(
    "line",
    [
        "Hits: 41",
        "Zugriffe: 12",
        "(3 Kommentare)",
        "No hay comentarios:",
        "Нет комментариев",
        "By Rosa Ibarra",
        "Geschrieben von Dörte Hansen",
    ],
)
def test_who_wrote_a_piece_and_who_read_it_is_no_text_of_it(line: str) -> None:
    assert is_aside(line)


@pytest.mark.parametrize(
    "line",
    [
        "Comments on 41 pages",
        "No comments from the ministry",
        "By the river",
        "Report of 2021: 41 pages",
        "Von der Leine",
        "By Rosa Ibarra, who knows every boat",
    ],
)
def test_other_short_texts_may_be_a_summary(line: str) -> None:
    assert not is_aside(line)


def test_a_dash_behind_a_day_that_a_selector_names_is_no_open_end() -> None:
    reading = read_html(
        '<body><div class="one"><h3><a href="/1">The fair</a></h3><b class="d">14/03/2024 -</b> Come.</div>',
        base_url="https://www.example.org/",
        preset=None,
        selectors={"item": ".one", "date": ".d"},
    )
    assert reading.items[0].published == date(2024, 3, 14)

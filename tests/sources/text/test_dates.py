import string
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from babel.dates import format_date
from hypothesis import given
from hypothesis import strategies as st

from sse_digest.model.items import Precision
from sse_digest.sources.text.dates import MAX_LENGTH, DateOrder, ReadDate, numeric_order, read_date

TABLE = Path(__file__).parents[1].joinpath("date_table.txt")
ROWS = [
    line.split("\t") for line in TABLE.read_text(encoding="utf-8").splitlines() if not line.startswith("#")
]

DAYS = [
    # English
    ("28 April 2020", "2020-04-28"),
    ("08 July 2023", "2023-07-08"),
    ("July 11, 2024", "2024-07-11"),
    ("Mar 11, 2011", "2011-03-11"),
    ("15 Jul 2021", "2021-07-15"),
    ("Sept. 5, 2021", "2021-09-05"),
    ("1st March 2012", "2012-03-01"),
    ("2nd of May, 2021", "2021-05-02"),
    ("the 23rd of May 2021", "2021-05-23"),
    ("Monday, 11 July 2016", "2016-07-11"),
    ("Fri 8 Jul 2016", "2016-07-08"),
    ("07 JULY 2023", "2023-07-07"),
    ("7-July-2023", "2023-07-07"),
    ("Published on 12 May 2021", "2021-05-12"),
    ("Date: 12 May 2021", "2021-05-12"),
    ("12 May 2021, 14:00 CET", "2021-05-12"),
    ("12 May 2021 14:00-15:30", "2021-05-12"),
    ("May 12, 2021 at 9:30 am", "2021-05-12"),
    # French
    ("28 avril 2020", "2020-04-28"),
    ("1er mars 2012", "2012-03-01"),
    ("jeudi 1er mars 2012", "2012-03-01"),
    ("5 févr. 2023", "2023-02-05"),
    ("3 AOUT 2019", "2019-08-03"),
    ("Publié le 17 décembre 2019", "2019-12-17"),
    ("mar. 12 mars 2024", "2024-03-12"),
    # Spanish
    ("7 de marzo de 2024", "2024-03-07"),
    ("1.º de mayo de 2026", "2026-05-01"),
    ("1º de mayo del 2026", "2026-05-01"),
    ("1 julio 2021", "2021-07-01"),
    ("Lun 27 - Jun - 2011", "2011-06-27"),
    ("miércoles, 31 de enero de 2024", "2024-01-31"),
    ("9 de setiembre de 2020", "2020-09-09"),
    # Portuguese
    ("11 de Junho de 2019", "2019-06-11"),
    ("1.º de março de 2020", "2020-03-01"),
    ("segunda-feira, 3 de maio de 2021", "2021-05-03"),
    ("12 fev 2018", "2018-02-12"),
    # German
    ("18. Januar 2021", "2021-01-18"),
    ("2. Dezember 2020", "2020-12-02"),
    ("Montag, den 12. Juni 2018", "2018-06-12"),
    ("4. Jän. 2021", "2021-01-04"),
    ("1. März 2021", "2021-03-01"),
    ("13.01.2021", "2021-01-13"),
    ("3. 4. 2021", "2021-04-03"),
    # Arabic: own digits, both sets of month names, both at once, names of two words
    ("٠١ يوليو, ٢٠١٧", "2017-07-01"),
    ("١١ أبريل, ٢٠١٩", "2019-04-11"),
    ("11 ابريل 2019", "2019-04-11"),
    ("14 أيلول/سبتمبر 2026", "2026-09-14"),
    ("3 كانون الثاني 2021", "2021-01-03"),
    ("15 تشرين الأول/أكتوبر 2020", "2020-10-15"),
    ("٣ جويلية ٢٠٢٢", "2022-07-03"),
    ("5 غشت 2020", "2020-08-05"),
    # Italian, Russian, Chinese, Japanese
    ("21 gennaio 2020", "2020-01-21"),
    ("12 мая 2021 г.", "2021-05-12"),
    ("2023年9月25日", "2023-09-25"),
    ("2023年9月25日（月）", "2023-09-25"),
    # Numbers
    ("2021-04-28", "2021-04-28"),
    ("2021-04-28T10:00:00Z", "2021-04-28"),
    ("2025/01/29", "2025-01-29"),
    ("29/01/2025", "2025-01-29"),
    ("01/29/2025", "2025-01-29"),
    ("29-01-2025", "2025-01-29"),
    ("٢٩/٠١/٢٠٢٥", "2025-01-29"),
    ("05/05/2021", "2021-05-05"),
    ("19 September 2023,", "2023-09-19"),
]

MONTHS = [
    ("April 2023", "2023-04-01"),
    ("junho 2019", "2019-06-01"),
    ("abril de 2023", "2023-04-01"),
    ("Septembre 2023", "2023-09-01"),
    ("Dez. 2020", "2020-12-01"),
    ("أيلول/سبتمبر 2026", "2026-09-01"),
    ("май 2022", "2022-05-01"),
    ("2023年9月", "2023-09-01"),
    ("2012-09", "2012-09-01"),
    ("09/2012", "2012-09-01"),
]

PLACES = [
    ("25 September 2023, Phnom Penh, Cambodia", "Phnom Penh, Cambodia"),
    ("20 September 2023, Bali, Indonesia", "Bali, Indonesia"),
    ("9 de octubre de 2021, Ciudad de México", "Ciudad de México"),
    ("3 mai 2021 - Port-au-Prince, Haïti", "Port-au-Prince, Haïti"),
    ("12 May 2021 (Geneva)", "Geneva"),
    ("12 May 2021, Washington, D.C.", "Washington, D.C."),
    ("12 May 2021, Addis Ababa, Ethiopia.", "Addis Ababa, Ethiopia"),
    ("12 May 2021, Rio de janeiro, Brasil", "Rio de janeiro, Brasil"),
    ("12 May 2021, online", "online"),
    ("7 يوليو 2018، بيروت، لبنان", "بيروت، لبنان"),
]

SPANS = [
    "1 April 2018 - 31 December 2019",
    "12 - 14 July 2023",
    "12–14 July 2023",
    "12, 13 and 14 July 2023",
    "From 12 to 14 May 2021",
    "30 June – 2 July 2023",
    "June 30 - July 2, 2023",
    "July 17 - 21, 2023",
    "Event date: 12 - 14 July 2023",
    "May - June 2021",
    "May/June 2019",
    "2015 - 2019",
    "1 May 2015 - ongoing",
    "1 May 2015 -",
    "since 1 May 2015",
    "du 3 au 5 mars 2020",
    "del 3 al 5 de marzo de 2020",
    "de 3 a 5 de março de 2020",
    "vom 3. bis 5. März 2020",
    "من 3 إلى 5 مارس 2020",
    "2021-05-12 to 2021-05-14",
]

UNREADABLE = ["31 February 2021", "30.02.2021", "31/04/2021", "2021-02-29", "13/13/2021", "29 فبراير 2021"]

NO_DATES = [
    *(
        "",
        " ",
        "May",
        "12",
        "2023",
        "12 May",
        "May 12",
        "10 March",
        "March",
        "٢٠٢٣",
        "31/2021",
        "2023-24",
        "2021 2022",
    ),
    *(
        "1.2.3",
        "2.10.1",
        "Version 2023.1",
        "v1.0.2021",
        "127.0.0.1",
        "99/99/2025",
        "+41 22 799 7912",
        "10:30",
        "3/4",
    ),
    *("2030 Agenda", "SDG 8", "Trends 2021", "COVID-19", "In 2023", "Año 2023", "ILO 100", "World Cup 2026"),
    *(
        "42nd Regular Meeting 2023",
        "26 millions d'emplois",
        "24 بلدا في 24 ساعة",
        "10 Jahre Molkerei am Berg",
    ),
    *("On 14 May 2021, the ILO launched", "14 May 2021, the ILO launched a new programme for all"),
    *("14 May 2021, ILO launched a new programme", "12 May 2021. The meeting", "12 June 2019: World Day"),
    *("June 12, World Day Against Child Labour / Father's Day", "12 May 2021 was a Wednesday"),
    *("ILO COOP eNewsUpdate No. 1, January 2020", "Newsletter No. 3, 26 April 2017", "Geneva, 12 May 2021"),
    *("Dia Mundial Contra o Trabalho Infantil - 12 de junho de 2019", "May 2023 was a good month"),
    *("Zu ihrem Treffen in Berlin am 11. Juni 2018", "le monde en mai 2023", "32 May 2021", "0 May 2021"),
    *(
        "12 Smarch 2021",
        "12 May 1066",
        "12 May 3021",
        "12 May 20211",
        "2023年",
        "© ILO 2023",
        "© Marc Mai 2023",
    ),
    *("12 May 2021, 3 million workers", "12 May 2021, is this a place?", "12 May 2021 Geneva Switzerland"),
    *(
        "12 May 2021, A B C D E F G H I J",
        "12 May 2021, " + "Llanfair " * 8,
        "12 May 2021 (wow",
        "1 May 2021 " * 20,
    ),
]


@pytest.mark.parametrize(("text", "expected"), DAYS)
def test_a_day_is_read(text: str, expected: str) -> None:
    assert read_date(text) == ReadDate(published=date.fromisoformat(expected), precision=Precision.DAY)


@pytest.mark.parametrize(("text", "expected"), MONTHS)
def test_a_month_alone_is_its_first_day_with_month_precision(text: str, expected: str) -> None:
    assert read_date(text) == ReadDate(published=date.fromisoformat(expected), precision=Precision.MONTH)


@pytest.mark.parametrize(("text", "place"), PLACES)
def test_the_place_behind_a_date_is_kept(text: str, place: str) -> None:
    found = read_date(text)

    assert found is not None
    assert found.precision is Precision.DAY
    assert found.place == place


@pytest.mark.parametrize("text", SPANS)
def test_a_span_is_a_date_line_without_a_day(text: str) -> None:
    found = read_date(text)

    assert found is not None
    assert found.is_span
    assert (found.published, found.precision) == (None, Precision.NONE)
    assert found.warning is not None
    assert text in found.warning


def test_a_span_keeps_its_place() -> None:
    found = read_date("12-14 July 2023, Geneva, Switzerland")

    assert found is not None
    assert found.place == "Geneva, Switzerland"


@pytest.mark.parametrize("text", UNREADABLE)
def test_a_day_that_no_calendar_has_is_never_published(text: str) -> None:
    found = read_date(text)

    assert found is not None
    assert (found.published, found.precision) == (None, Precision.NONE)
    assert found.warning is not None
    assert "not a day of the calendar" in found.warning


@pytest.mark.parametrize("text", NO_DATES)
def test_what_is_no_date_line_is_refused(text: str) -> None:
    assert read_date(text) is None


def test_a_date_longer_than_any_line_of_that_kind_is_refused() -> None:
    assert read_date("12 May 2021" + " " * MAX_LENGTH) is None


def test_an_open_order_of_day_and_month_leaves_the_date_raw() -> None:
    found = read_date("03/04/2021")

    assert found is not None
    assert found.published is None
    assert found.warning is not None
    assert "nothing on this page shows" in found.warning


@pytest.mark.parametrize(
    ("order", "expected"),
    [(DateOrder.DAY_FIRST, date(2021, 4, 3)), (DateOrder.MONTH_FIRST, date(2021, 3, 4))],
)
def test_a_known_order_settles_day_and_month(order: DateOrder, expected: date) -> None:
    found = read_date("03/04/2021", order=order)

    assert found is not None
    assert found.published == expected


def test_a_date_that_only_one_order_can_read_needs_none() -> None:
    found = read_date("01/29/2025", order=DateOrder.DAY_FIRST)

    assert found is not None
    assert found.published == date(2025, 1, 29)


def test_a_year_of_two_digits_is_not_guessed() -> None:
    found = read_date("03/04/21", order=DateOrder.DAY_FIRST)

    assert found is not None
    assert found.published is None
    assert found.warning is not None
    assert "two digits" in found.warning


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["03/04/2021", "29/01/2025"], DateOrder.DAY_FIRST),
        (["03/04/2021", "News", "01/29/2025"], DateOrder.MONTH_FIRST),
        (["29/01/2025", "01/29/2025"], None),
        (["03/04/2021", "05/05/2021", "31/31/2021"], None),
        (["25 May 2021", "The year 25/12/2021 in a sentence", "2021-12-25"], None),
        ([], None),
    ],
)
def test_the_order_is_learnt_from_the_pages_other_dates(texts: list[str], expected: DateOrder | None) -> None:
    assert numeric_order(texts) is expected


LOCALES = [
    "en_US",
    "en_GB",
    "fr",
    "fr_CA",
    "es",
    "es_MX",
    "pt_BR",
    "pt_PT",
    "de",
    "de_AT",
    "it",
    "ru",
    "zh",
    "ja",
]
ARABIC_LOCALES = ["ar_EG", "ar_LB", "ar_IQ", "ar_MA", "ar_DZ", "ar_TN", "ar_SA", "ar_001"]


@pytest.mark.parametrize("locale", LOCALES + ARABIC_LOCALES)
def test_every_day_of_a_year_is_read_as_the_locale_data_writes_it(locale: str) -> None:
    days = [date(2024, 1, 1) + timedelta(days=number) for number in range(366)]

    for style in ("long", "full"):
        for day in days:
            text = format_date(day, style, locale=locale)
            assert read_date(text) == ReadDate(published=day, precision=Precision.DAY), text


@pytest.mark.parametrize("locale", LOCALES + ARABIC_LOCALES)
def test_a_short_date_is_read_right_or_left_raw(locale: str) -> None:
    for number in range(366):
        day = date(2024, 1, 1) + timedelta(days=number)
        found = read_date(format_date(day, "medium", locale=locale))
        assert found is not None
        assert found.published in (day, None)


@given(st.dates(date(1800, 1, 1), date(2199, 12, 31)))
def test_the_written_order_of_numbers_does_not_matter_once_known(day: date) -> None:
    dotted = read_date(f"{day:%d.%m.%Y}")
    american = read_date(f"{day:%m/%d/%Y}", order=DateOrder.MONTH_FIRST)

    assert dotted is not None
    assert american is not None
    assert dotted.published == american.published == day


@given(st.text(max_size=200))
def test_no_text_makes_it_fail(text: str) -> None:
    found = read_date(text)

    if found is not None:
        assert (found.published is None) == (found.precision is Precision.NONE)


@given(st.text(alphabet="0123456789 -/.,:()" + "may " + string.ascii_letters[:4], max_size=60))
def test_no_mixture_of_numbers_and_signs_makes_it_fail(text: str) -> None:
    found = read_date(text)

    if found is not None:
        assert (found.published is None) == (found.precision is Precision.NONE)
        assert (found.published is None) == (found.warning is not None)


def test_the_present_day_plays_no_part() -> None:
    for text in ("12 May", "today", "yesterday", "3 days ago", "heute", "il y a 2 jours", "now", "Monday"):
        assert read_date(text) is None


def said(text: str) -> str:
    """What a line says, in the words of the table."""
    found = read_date(text)
    if found is None:
        return "-"
    if found.published is None:
        return "span" if found.is_span else "open"
    return f"{found.published:%Y-%m-%d}" if found.precision is Precision.DAY else f"{found.published:%Y-%m}"


def test_every_line_of_the_table_is_read_as_it_says(proof: Callable[[str, str], None]) -> None:
    assert [(text, expected) for _, expected, text in ROWS if said(text) != expected] == []
    languages, refused = Counter(row[0] for row in ROWS), sum(row[1] == "-" for row in ROWS)
    assert languages.keys() == {"en", "fr", "es", "pt", "de", "it", "ru", "ar", "zh"}
    assert len(ROWS) >= 400
    assert refused >= 100
    proof(
        "Dates",
        f"{len(ROWS)} lines in {len(languages)} languages, {refused} of them no dates: none read wrong",
    )


@pytest.mark.parametrize("text", ["2020年十一二月", "2020年十十月", "二〇二〇年二十三十月"])
def test_what_is_no_chinese_number_is_no_date(text: str) -> None:
    assert read_date(text) is None

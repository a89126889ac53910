import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sse_digest.errors import SourceError
from sse_digest.model.items import Precision, Reading, ReadItem
from sse_digest.sources.kinds.html import MAX_ITEMS, read_html
from sse_digest.sources.presets import PRESETS
from tests.sources.dresses import CLASSIC, NEW, classic, mutations, new, page, plain
from tests.sources.listings import Listing, load_listings

SITE = "https://www.ilo.org/global/news/lang--en/index.htm"
FIELDS = ("title", "kicker", "credit", "summary", "date_text", "published", "precision", "place")
LISTINGS = [listing for listing in load_listings() if all(item.title for item in listing.items)]


def read(
    text: str | bytes,
    preset: str = "ilo-classic",
    *,
    base_url: str | None = SITE,
    language: str | None = None,
    charset: str | None = None,
) -> Reading:
    return read_html(text, base_url=base_url, preset=preset, language=language, charset=charset)


def read_one(entry: str) -> ReadItem:
    (item,) = read(page(f'<div class="items-list"><li>{entry}</li></div>')).items
    return item


def read_card(inside: str) -> ReadItem:
    body = f'<div class="ilo--card"><p class="ilo--card--title">Title</p>{inside}</div>'
    (item,) = read(page(body), "ilo").items
    return item


# ------------------------------------------------------------------ whole pages


def test_what_stands_between_the_items_with_neither_title_nor_date_is_left_out() -> None:
    entry = '<li><h5 class="item-title"><a href="/{0}">Title {0}</a></h5><p>{0} May 2021</p><p>Text.</p></li>'
    entries = [entry.format(n) for n in range(1, 6)]
    stray = '<li class="ad"><a href="/buy">Buy this, it is good for you</a></li>'
    dated = "<li><p>9 May 2021</p><p>An item that lost its title.</p></li>"
    reading = read(
        page(f'<div class="items-list">{"".join([*entries[:3], stray, *entries[3:], dated])}</div>')
    )

    assert [item.title for item in reading.items] == [*(f"Title {n}" for n in range(1, 6)), None]
    assert reading.items[-1].summary == "An item that lost its title."
    assert reading.warnings == ("item 4 has neither a title nor a date, unlike others, and was left out",)


@pytest.mark.parametrize(("folder", "preset"), [("classic", "ilo-classic"), ("new", "ilo")])
def test_every_item_of_the_real_pages_is_read_whole(shared_data: Path, folder: str, preset: str) -> None:
    paths = sorted((shared_data / "news" / "html" / folder).glob("*.html"))
    assert len(paths) == 28
    for path in paths:
        expected = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        reading = read_html(path.read_bytes(), base_url=expected["url"].split()[0], preset=preset)
        found = [
            {
                "credit": item.credit,
                "label": item.kicker,
                "title": item.title,
                "date": str(item.published) if item.published else None,
                "date_text": item.date_text,
                "place": item.place,
                "summary": item.summary,
            }
            for item in reading.items
        ]
        wanted = [{name: item[name] for name in found[0]} for item in expected["items"]]
        for item in wanted:
            if folder == "new" and item["date"] is None:
                item["date_text"] = None  # the new markup has no place for a span of time
        assert wanted == found, path.name
        assert all(item.link and item.link.startswith("http") for item in reading.items)
        assert reading.language == expected["language"]


@pytest.mark.parametrize("dress", [*CLASSIC, *NEW])
@pytest.mark.parametrize("listing", LISTINGS, ids=lambda listing: listing.name)
def test_an_item_is_read_whole_in_every_dress(listing: Listing, dress: str) -> None:
    if dress in CLASSIC:
        reading = read(classic(listing.items, CLASSIC[dress], listing.language))
    else:
        reading = read(new(listing.items, NEW[dress], listing.language), "ilo")

    for expected, found in zip(listing.items, reading.items, strict=True):
        assert {name: getattr(expected, name) for name in FIELDS} == {
            name: getattr(found, name) for name in FIELDS
        }
    assert [item.link for item in reading.items] == [
        f"https://www.ilo.org/{'news/WCMS_' if dress in CLASSIC else 'resource/news/wcms_'}{1000 + n}"
        + ("/index.htm" if dress in CLASSIC else "")
        for n in range(len(listing.items))
    ]


@pytest.mark.parametrize(
    ("text", "preset", "told"),
    [
        (page("<p>Accept all cookies?</p>"), "ilo-classic", "nothing in it matches '.items-list'"),
        (page("<p>Accept all cookies?</p>"), "ilo", "nothing in it matches '.ilo--card'"),
        (page('<div class="ilo--card--link">x</div>'), "ilo", "nothing in it matches '.ilo--card'"),
        (
            page('<div class="items-list-2"><li>x</li></div>'),
            "ilo-classic",
            "nothing in it matches '.items-list'",
        ),
        (page('<div class="items-list"><a>x</a></div>'), "ilo-classic", "matches '.item-title'"),
        (page('<div class="items-list"><h5>x</h5></div>'), "ilo-classic", "matches '.item-title'"),
        (
            page('<div class="items-list"><a class="item-title" href="/a">x</a></div>'),
            "ilo-classic",
            "has the list of the layout 'ilo-classic', but there is no item in it",
        ),
        (
            page('<div class="items-list"><li><h5><a>T</a></h5></li></div>'),
            "ilo-classic",
            "matches '.item-title'",
        ),
        (
            page('<div class="ilo--card"><p class="card-title">T</p></div>'),
            "ilo",
            "matches '.ilo--card--title'",
        ),
        (
            page('<div class="items-list"><li><h5 class="item-title"></h5></li></div>'),
            "ilo-classic",
            "has a title or",
        ),
        ("", "ilo", "nothing in it matches"),
    ],
)
def test_a_page_without_the_layouts_items_gives_nothing_and_says_what_was_looked_for(
    text: str, preset: str, told: str
) -> None:
    with pytest.raises(SourceError, match=told) as caught:
        read(text, preset)
    assert SITE in str(caught.value)


def test_a_list_with_nothing_in_it_is_told_from_a_list_that_is_missing() -> None:
    reading = read(page('<div class="items-list"><p>Nothing this month.</p></div>'), "ilo-classic")
    assert (reading.items, reading.is_empty) == ((), True)


def test_a_preset_that_nobody_knows_is_told_with_those_that_are_known() -> None:
    with pytest.raises(SourceError, match=r"no preset 'drupal'.*ilo, ilo-classic"):
        read_html("x", base_url=None, preset="drupal")


def test_items_stand_in_the_order_of_the_page_and_lists_inside_them_are_no_items() -> None:
    inner = "<ul><li>One point</li><li>Another point</li></ul>"
    body = "".join(f'<li><h5 class="item-title">T{n}</h5><div>{inner}</div></li>' for n in range(3))
    reading = read(page(f'<div class="items-list"><ul>{body}</ul></div>'))
    assert [item.title for item in reading.items] == ["T0", "T1", "T2"]
    assert {item.summary for item in reading.items} == {"One point Another point"}


def test_a_card_around_cards_is_no_item() -> None:
    inner = "".join(f'<div class="ilo--card"><p class="ilo--card--title">T{n}</p></div>' for n in range(2))
    reading = read(page(f'<div class="ilo--card"><h2>Latest</h2>{inner}</div>'), "ilo")
    assert [item.title for item in reading.items] == ["T0", "T1"]


def test_the_link_is_the_title_where_the_title_has_no_place_of_its_own() -> None:
    card = '<a class="ilo--card--link" href="/x"><span>A title</span></a><p>12 May 2020</p>'
    (item,) = read(page(f'<div class="ilo--card">{card}</div>'), "ilo").items
    assert (item.title, item.link, item.published) == ("A title", "https://www.ilo.org/x", date(2020, 5, 12))


def test_a_heading_stands_in_for_the_title_of_a_single_item() -> None:
    entries = (
        '<li><h5 class="item-title">One</h5></li><li><h4>Two</h4><p>Text of two.</p></li><li>Text alone.</li>'
    )
    items = read(page(f'<div class="items-list">{entries}</div>')).items
    assert [(item.title, item.summary) for item in items] == [
        ("One", None),
        ("Two", "Text of two."),
        (None, "Text alone."),
    ]


def test_a_date_inside_a_sentence_is_no_date_of_the_item() -> None:
    item = read_one(
        '<h5 class="item-title">T</h5><p>On <time>12 May 2020</time> it began.</p><p>3 June 2020</p>'
    )
    assert (item.summary, item.published) == ("On 12 May 2020 it began.", date(2020, 6, 3))


def test_a_paragraph_of_spans_is_one_text_unless_a_date_or_credit_is_among_them() -> None:
    item = read_one(
        '<p><span>News</span> <span>12 May 2020</span></p><h5 class="item-title">T</h5>'
        "<p><span>One</span> <span>two</span></p><div><span>© A</span><span>Three</span></div>"
    )
    assert (item.kicker, item.published, item.summary, item.credit) == (
        "News",
        date(2020, 5, 12),
        "One two Three",
        "© A",
    )


def test_spans_in_a_span_are_pieces_where_the_span_is_one() -> None:
    item = read_one(
        '<div><span><span>News</span> <span>12 May 2020</span></span></div><h5 class="item-title">T</h5>'
    )
    assert (item.kicker, item.published) == ("News", date(2020, 5, 12))


def test_numeric_dates_are_settled_by_the_other_dates_of_the_page() -> None:
    entries = "".join(
        f'<li><h5 class="item-title">T</h5><p>{day}</p></li>' for day in ("03/04/2021", "29/01/2025")
    )
    items = read(page(f'<div class="items-list">{entries}</div>')).items
    assert [item.published for item in items] == [date(2021, 4, 3), date(2025, 1, 29)]


@pytest.mark.parametrize(
    ("shown", "machine", "published"),
    [
        ("12 June 2018", "1528804800", date(2018, 6, 12)),
        ("12 June 2018", "1528848000", date(2018, 6, 12)),
        ("", "1528804800", date(2018, 6, 12)),
        ("", "1528804800000", date(2018, 6, 12)),
        ("2 days ago", "2018-06-12", date(2018, 6, 12)),
        ("", "2018-06-12T23:30:00-02:00", date(2018, 6, 13)),
        ("", "2018-06-12T23:30:00", date(2018, 6, 12)),
        ("03/04/2021", "2021-04-03", date(2021, 4, 3)),
        ("12 June 2018", "nonsense", date(2018, 6, 12)),
        ("", "12", None),
        ("", "9" * 13, None),
        ("", "²" * 10, None),
        ("soon", "", None),
        ("1 May 2018 - 2 June 2019", "2018-05-01", None),
    ],
)
def test_the_visible_date_wins_and_the_machines_date_helps(
    shown: str, machine: str, published: date | None
) -> None:
    item = read_card(f'<time class="ilo--card--date" datetime="{machine}">{shown}</time>')
    assert item.published == published
    assert item.precision is (Precision.DAY if published else Precision.NONE)
    assert item.date_text == (shown or None)
    assert bool(item.warnings) == (published is None)


def test_two_dates_that_disagree_are_told() -> None:
    item = read_card('<time class="ilo--card--date" datetime="2019-01-01">12 June 2018</time>')
    assert item.published == date(2018, 6, 12)
    assert "2019-01-01" in item.warnings[0]


def test_the_language_is_told_from_the_text_and_the_page_is_a_prior() -> None:
    french = '<h5 class="item-title">Les coopératives et le travail décent pour les jeunes de la région</h5>'
    assert read_one(french).language == "fr"
    assert read_one('<h5 class="item-title">Think.Coop</h5>').language == "en"
    bare = '<div class="items-list"><li><h5 class="item-title">Think.Coop</h5></li></div>'
    reading = read(bare, language="es-MX")
    assert (reading.language, reading.items[0].language) == ("es", "es")


# ------------------------------------------------------------------ links


@pytest.mark.parametrize(
    ("entry", "link"),
    [
        (
            '<h5 class="item-title"><a href="x.htm">T</a></h5>',
            "https://www.ilo.org/global/news/lang--en/x.htm",
        ),
        ('<a href="//h.org/y"><div><h5 class="item-title">T</h5></div></a>', "https://h.org/y"),
        ('<h5 class="item-title">T</h5><p>Text <a href="/z">here</a></p>', "https://www.ilo.org/z"),
        ('<h5 class="item-title"><a href="javascript:go()">T</a></h5>', None),
        ('<h5 class="item-title"><a name="x">T</a></h5>', None),
    ],
)
def test_links_are_absolute_web_addresses_or_none(entry: str, link: str | None) -> None:
    assert read_one(entry).link == link


def test_the_pages_own_base_counts_and_a_saved_page_is_relative_to_its_site() -> None:
    entry = '<div class="items-list"><li><h5 class="item-title"><a href="x">T</a></h5></li></div>'
    based = page(entry, head='<base href="https://h.org/a/">')
    assert read(based).items[0].link == "https://h.org/a/x"
    assert read(page(entry), base_url=None).items[0].link == "https://www.ilo.org/x"
    assert (
        read(page(entry, head='<base href="mailto:x">')).items[0].link
        == "https://www.ilo.org/global/news/lang--en/x"
    )


def test_a_card_that_is_a_link_itself_leads_there() -> None:
    card = '<a class="ilo--card" href="/c"><p class="ilo--card--title">T</p></a>'
    around = '<a href="/d"><div class="ilo--card"><p class="ilo--card--title">T</p></div></a>'
    for text, link in ((card, "https://www.ilo.org/c"), (around, "https://www.ilo.org/d")):
        assert read(page(text), "ilo").items[0].link == link


# ------------------------------------------------------------------ bytes


ENTRY = '<div class="items-list"><li><h5 class="item-title">Coopératives – « décent »</h5></li></div>'


@pytest.mark.parametrize(
    ("data", "charset"),
    [
        (ENTRY.encode(), None),
        (ENTRY.encode("utf-8-sig"), "iso-8859-1"),
        (ENTRY.encode("utf-16"), None),
        (ENTRY.encode("utf-16-be"), "utf-16-be"),
        (b"\xfe\xff" + ENTRY.encode("utf-16-be"), None),
        (ENTRY.encode("cp1252"), "ISO-8859-1"),
        (b"<meta charset=windows-1252>" + ENTRY.encode("cp1252"), None),
        (
            b'<meta http-equiv=x content="text/html; charset=iso-8859-15">'
            + ENTRY.encode("iso8859-15", "replace"),
            None,
        ),
        (ENTRY.encode(), "klingon"),
        (ENTRY.encode(), "rot13"),
        (b"<meta charset=utf-7>" + ENTRY.encode(), None),
    ],
)
def test_bytes_are_decoded_by_mark_server_or_their_own_word(data: bytes, charset: str | None) -> None:
    if charset == "utf-16-be":
        with pytest.raises(SourceError, match="not text"):
            read(data, charset=charset)
        return
    reading = read(data, charset=charset)
    assert reading.items[0].title in ("Coopératives – « décent »", "Coopératives ? « décent »")
    assert reading.warnings == ()


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (ENTRY.encode("cp1252"), "is not valid utf-8 and was read as cp1252"),
        (b"<meta charset=utf-8>" + ENTRY.encode("cp1252"), "is not valid utf-8 and was read as cp1252"),
    ],
)
def test_bytes_that_do_not_fit_their_character_set_are_read_with_a_warning(data: bytes, told: str) -> None:
    reading = read(data)
    assert told in reading.warnings[0]
    assert (reading.items[0].title or "").startswith("Coop")


@pytest.mark.parametrize("data", [b"%PDF-1.7 x", b"\x89PNG\r\n", b"<p>\x00</p>", b"PK\x03\x04"])
def test_other_kinds_of_files_are_told(data: bytes) -> None:
    with pytest.raises(SourceError, match="not text"):
        read(data)


# ------------------------------------------------------------------ hostile pages


def test_a_page_nested_without_end_is_read_or_refused() -> None:
    deep = "<span>" * 100_000 + "deep" + "</span>" * 100_000
    item = read_one(f'<h5 class="item-title">T</h5>{deep}')
    assert item.summary == "deep"


def test_what_is_far_too_long_for_news_is_left_out_and_told() -> None:
    entries = "<li><h5 class=item-title>Good</h5></li>" + f"<li><h5 class=item-title>{'x ' * 600}</h5></li>"
    entries += f"<li><h5 class=item-title>T</h5><p>{'y ' * 11_000}</p></li><li><img></li>"
    reading = read(page(f'<div class="items-list">{entries}</div>'))
    assert [item.title for item in reading.items] == ["Good"]
    assert len(reading.warnings) == 3


def test_of_a_page_of_thousands_of_items_only_the_first_are_read() -> None:
    entries = "".join(f"<li><h5 class=item-title>T{n}</h5></li>" for n in range(MAX_ITEMS + 5))
    reading = read(page(f'<div class="items-list">{entries}</div>'))
    assert len(reading.items) == MAX_ITEMS
    assert "only the first" in reading.warnings[-1]


def test_control_characters_do_not_reach_an_item() -> None:
    item = read_one('<h5 class="item-title">A\x07\u202eB&#8238;&#0;&#xD800; C</h5>')
    assert item.title is not None
    assert item.title.isprintable()


PRESET = st.sampled_from(sorted(PRESETS))


@given(st.binary(max_size=400), PRESET)
def test_any_bytes_are_read_or_refused(data: bytes, preset: str) -> None:
    hooks = b'<div class="items-list"><li class="ilo--card"><h5 class="item-title ilo--card--title">'
    for text in (data, hooks + data, hooks + b"T</h5>" + data):
        try:
            reading = read(text, preset)
        except SourceError:
            continue
        assert all(item.title or item.summary for item in reading.items)


@settings(deadline=None)
@given(st.sampled_from(LISTINGS), st.lists(st.integers(0, 10**6), min_size=2, max_size=30))
def test_a_page_with_parts_cut_out_is_read_or_refused(listing: Listing, parts: list[int]) -> None:
    for text, preset in (
        (classic(listing.items, plain), "ilo-classic"),
        (new(listing.items, NEW["card"]), "ilo"),
    ):
        try:
            reading = read(mutations(text, parts), preset)
        except SourceError:
            continue
        assert reading.items or reading.is_empty


def test_a_saved_page_is_where_it_says_it_stands() -> None:
    entry = "<li class=n><h3><a href='7.html'>A title</a></h3><p>12 May 2021</p></li>"
    text = page(entry, head='<link rel="canonical" href="https://www.example.org/news/list">')

    def link(base_url: str | None) -> str | None:
        return read_html(text, base_url=base_url, preset=None, selectors={"item": "li.n"}).items[0].link

    assert link(None) == "https://www.example.org/news/7.html"
    assert link("https://mirror.example.org/list") == "https://mirror.example.org/7.html"

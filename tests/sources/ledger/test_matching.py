from dataclasses import replace
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sse_digest.model.items import Precision, ReadItem
from sse_digest.sources.ledger.matching import (
    ItemMatch,
    MatchReason,
    heading,
    keys_of,
    match,
    mint_id,
    without_doubles,
)
from sse_digest.sources.text.title_similarity import (
    TitleComparison,
    fold_title,
    is_near_equal,
    likeness,
    replaced_words,
)
from sse_digest.sources.text.urls import absolute, canonical, link_number
from sse_digest.store.news.items import KnownItem

OLD = "http://www.ilo.org/global/topics/cooperatives/news/WCMS_{}/lang--{}/index.htm"


def read(title: str | None = "A piece of news", **changes: object) -> ReadItem:
    values: dict[str, object] = {
        "title": title,
        "summary": "What it is about.",
        "published": date(2023, 4, 19),
        "precision": Precision.DAY,
        "language": "en",
    }
    return ReadItem(**{**values, **changes})  # type: ignore[arg-type] # the test's own values


def known(item: ReadItem, item_id: str = "a", source: str = "news") -> KnownItem:
    return KnownItem(
        id=item_id,
        source=source,
        group=item_id,
        language=item.language,
        summary=item.summary,
        link=item.link,
        keys=keys_of(item),
    )


def outcome(matches: tuple[ItemMatch, ...]) -> list[tuple[str | None, MatchReason | None]]:
    return [(one.known.id if one.known else None, one.reason) for one in matches]


def match_one(new: ReadItem, old: ReadItem, *, source: str = "news") -> MatchReason | None:
    return match([new], [known(old, source="news")], source=source)[0].reason


# ------------------------------------------------------------------ addresses


@pytest.mark.parametrize(
    "url",
    [
        "http://www.ilo.org/news/WCMS_1/lang--en/index.htm",
        "https://ilo.org/news/WCMS_1/lang--en/index.htm",
        "https://www.oit.org/news/WCMS_1/lang--en/index.htm",
        "http://www.ilo.int/news/WCMS_1/lang--en/",
        "HTTPS://WWW.ILO.ORG:443/news/WCMS_1/lang--en",
        "http://www.ilo.org:80/../news/./WCMS_1/x/../lang--en/index.htm",
        "https://ilo.org./news/WCMS%5F1/lang--en/?utm_source=mail&fbclid=x#top",
        "https://ilo.org/news/WCMS_1/lang--en/index.htm?UTM_Campaign=April",
        "https://ilo.org/news;jsessionid=AB12/WCMS_1/lang--en",
    ],
)
def test_all_addresses_of_a_page_fold_to_one(url: str) -> None:
    assert canonical(url) == "https://ilo.org/news/WCMS_1/lang--en"


@pytest.mark.parametrize(
    "url",
    [
        "https://ilo.org/news/WCMS_1/lang--fr",
        "https://ilo.org/news/WCMS_1/lang--en/nextRow--10",
        "https://ilo.org/news/wcms_1/lang--en",
        "https://ilo.org/news/WCMS_1/lang--en?page=2",
        "https://ilo.org:8443/news/WCMS_1/lang--en",
        "https://news.ilo.org/news/WCMS_1/lang--en",
        "https://ilo.org/news%2FWCMS_1/lang--en",
    ],
)
def test_addresses_of_other_pages_stay_apart(url: str) -> None:
    assert canonical(url) != "https://ilo.org/news/WCMS_1/lang--en"


def test_parameters_count_in_any_order() -> None:
    assert canonical("https://h.org/a?b=2&a=1&a=0&c") == canonical("http://www.h.org/a/?c=&a=0&a=1&b=2")


def test_an_address_of_hundreds_of_parameters_is_kept_as_it_is() -> None:
    url = "https://h.org/a?" + "&".join(f"b{n}" for n in range(200))
    assert canonical(url) == url


def test_international_names_fold_with_their_ascii_form() -> None:
    assert canonical("https://Bücher.example/ü") == canonical("http://xn--bcher-kva.example/%c3%bc")


NO_ADDRESSES = [
    *(
        None,
        "",
        "  ",
        "#top",
        "mailto:a@b.org",
        "javascript:alert(1)",
        "ftp://h/",
        "/news",
        "news.htm",
        "http://",
    ),
    *(
        "http://[::1",
        "http://a b/",
        "http://h:99999/",
        "http://h:x/",
        "http://u:p@h/",
        "http://h/\x00",
        "data:,x",
    ),
    *("http://h/\ud800", "http://" + "h" * 3000, "http://<b>/", "http://é..example/", "\\\\h\\a"),
]


@pytest.mark.parametrize("url", NO_ADDRESSES)
def test_what_is_no_web_address_has_no_canonical_form(url: str | None) -> None:
    assert canonical(url) is None


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("/resource/news/x", "https://www.ilo.org/resource/news/x"),
        ("next/index.htm", "https://www.ilo.org/a/next/index.htm"),
        ("//h.org/x", "https://h.org/x"),
        (" http://h.org/\nx ", "http://h.org/x"),
        ("http://h.org/a b", "http://h.org/a%20b"),
        ("?page=2", "https://www.ilo.org/a/b.htm?page=2"),
        ("#top", None),
        ("mailto:a@b.org", None),
        ("JavaScript:void(0)", None),
        ("http://user:secret@h.org/", None),
    ],
)
def test_a_link_becomes_absolute_or_nothing(link: str, expected: str | None) -> None:
    assert absolute(link, "https://www.ilo.org/a/b.htm") == expected


URLS = st.builds(
    "{}://{}{}{}{}".format,
    st.sampled_from(["http", "https", "HTTP"]),
    st.sampled_from(["ilo.org", "www.oit.org", "www.www.com", "bücher.example", "h:80", "[::1]", "H.org."]),
    st.text(st.sampled_from("/.%2fF5eé;index.htm WCMS_1+&=~@:,"), max_size=25).map("/{}".format),
    st.one_of(st.just(""), st.text(st.sampled_from("?&=;%20aé+utm_"), max_size=20).map("?{}".format)),
    st.sampled_from(["", "#a", "#/b?c"]),
)


@given(URLS | st.text())
@example("http://h//index.htm//index.html")
@example("http://h/%25%32%35/%2e%2e/x")
@example("http://h/a?x=%zz&&y=%FF")
def test_folding_an_address_twice_changes_nothing(url: str) -> None:
    once = canonical(url)
    assert once is None or canonical(once) == once


@pytest.mark.parametrize(
    ("url", "number"),
    [
        (OLD.format("844427", "de"), "844427"),
        ("https://www.ilo.org/resource/news/wcms_844427", "844427"),
        ("/wcms_0844427.htm", "844427"),
        ("https://www.ilo.org/list/index.htm?facetdynlist=WCMS_457322", None),
        ("https://www.ilo.org/xwcms_844427", None),
        ("https://www.ilo.org/wcms_12", None),
        ("http://[", None),
        (None, None),
    ],
)
def test_the_publishers_number_is_found_in_the_path_of_a_link(url: str | None, number: str | None) -> None:
    assert link_number(url) == number


# ------------------------------------------------------------------ titles


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("ILO welcomes new UN resolution", "ILO Welcomes New UN resolution"),
        ("The ILO welcomes the new resolution", "ILO welcomes the new resolution"),
        ("Equiping Asia-Pacific youth with skills", "Equipping Asia Pacific youth with skills!"),
        ("Équiper les jeunes en compétences", "Equiper les jeunes en competences"),
        ("“Decent work” for all", "Decent work for all"),
        ("٢٠ عاما من التعاونيات", "20 عاما من التعاونيات"),
        ("Recovery of co-operatives after the crisis", "Recovery of cooperatives after the crisis"),
        ("تعزيز التعاونيات في المنطقة العربية", "تعزيز التعاونيات في المنطقه العربية"),
        ("🎉", " 🎉 "),
    ],
)
def test_an_edited_title_is_near_equal(one: str, two: str) -> None:
    assert is_near_equal(one, two)
    assert is_near_equal(two, one)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (
            "Training workshop on cooperatives held in Sudan",
            "Training workshop on cooperatives held in Kenya",
        ),
        ("Sudan: training workshop on cooperatives ends", "Kenya: training workshop on cooperatives ends"),
        (
            "Gambia: a training workshop on cooperatives ends",
            "Zambia: a training workshop on cooperatives ends",
        ),
        (
            "Niger: a training workshop on cooperatives ends",
            "Nigeria: a training workshop on cooperatives ends",
        ),
        (
            "Training of trainers in Austria on decent work",
            "Training of trainers in Australia on decent work",
        ),
        ("ILO COOP/SSE eNewsUpdate Issue No. 17", "ILO COOP/SSE eNewsUpdate Issue No. 18"),
        ("Guide for cooperatives, Part II of the series", "Guide for cooperatives, Part III of the series"),
        ("Interview with Ms Anna Lind of the cooperative", "Interview with Ms Anna Lang of the cooperative"),
        ("UN resolution on the social economy adopted", "EU resolution on the social economy adopted"),
        (
            "ورشة عمل تدريبية حول التعاونيات والاقتصاد في السودان",
            "ورشة عمل تدريبية حول التعاونيات والاقتصاد في لبنان",
        ),
        ("Youth and cooperatives", "Cooperatives and decent work"),
        ("a", "b"),
        ("🎉", "🎈"),
        ("", "x"),
    ],
)
def test_two_titles_of_one_series_are_not_near_equal(one: str, two: str) -> None:
    assert not is_near_equal(one, two)
    assert not is_near_equal(two, one)


def test_only_titles_that_fold_to_the_same_words_are_wholly_alike() -> None:
    assert likeness("Decent  work", "decent work.") == 1.0
    assert 0.9 <= likeness("Decent work for all of us", "Decent works for all of us") < 1.0
    assert 0.9 <= likeness("word " * 100 + "end", "word " * 100 + "ending") < 1.0


@given(st.text(max_size=40), st.text(max_size=40))
def test_likeness_is_symmetric_and_within_its_bounds(one: str, two: str) -> None:
    value = likeness(one, two)
    assert value == likeness(two, one)
    assert value == 0 or 0.9 <= value <= 1
    assert likeness(one, one) == 1.0


@given(st.text(max_size=60))
def test_folding_a_title_twice_changes_nothing(text: str) -> None:
    assert fold_title(fold_title(text)) == fold_title(text)


# ------------------------------------------------------------------ matching, in order


def test_the_sources_own_id_comes_first_and_only_within_the_source() -> None:
    old = read(source_item_id="7", link="https://h.org/a")
    new = read("Quite another title", source_item_id="7", link="https://h.org/b", published=date(2020, 1, 1))
    assert match_one(new, old) is MatchReason.SOURCE_ID
    assert match_one(new, old, source="other") is None


def test_a_folded_address_matches_whatever_the_title_became() -> None:
    old = read("First title", link=OLD.format(123456, "en"))
    new = read("Second", link="https://ilo.org/global/topics/cooperatives/news/WCMS_123456/lang--en/")
    assert match_one(new, old) is MatchReason.ADDRESS


def test_the_number_matches_with_the_same_language_or_a_near_equal_title() -> None:
    old = read("First title of this piece", link=OLD.format(123456, "en"))
    there = "https://www.ilo.org/resource/news/wcms_123456"
    assert match_one(read("Quite another", link=there), old) is MatchReason.NUMBER
    assert match_one(read("First title of the piece", link=there, language="fr"), old) is MatchReason.NUMBER
    assert match_one(read("Un autre titre", link=there, language="fr"), old) is None


def test_day_and_title_match_where_there_is_no_link() -> None:
    old = read("ILO welcomes the resolution", link=OLD.format(123456, "en"))
    assert match_one(read("ILO welcomes this resolution"), old) is MatchReason.TITLE
    assert match_one(read("ILO welcomes this resolution", published=date(2023, 4, 20)), old) is None
    assert match_one(read("ILO welcomes this resolution", precision=Precision.MONTH), old) is None


def test_two_numbers_are_two_items_though_day_and_title_are_equal() -> None:
    old = read("Press release", link=OLD.format(123456, "en"))
    assert match_one(read("Press release", link=OLD.format(123457, "en")), old) is None
    assert match_one(read("Press release", link="https://h.org/new-slug"), old) is MatchReason.TITLE


def test_an_equal_title_in_another_language_matches_and_a_near_one_does_not() -> None:
    old = read("Think.Coop for the whole community")
    assert match_one(read("Think.Coop for the whole community", language="fr"), old) is MatchReason.TITLE
    assert match_one(read("Think.Coop for the whole community!?", language="fr"), old) is MatchReason.TITLE
    assert match_one(read("Think.Coop for the whole communities", language="fr"), old) is None


def test_undated_items_match_by_the_words_in_place_of_the_date() -> None:
    undated = {"published": None, "precision": Precision.NONE}
    old = read("A project", date_text="1 April 2018 - 31 December 2019", **undated)
    assert match_one(old, old) is MatchReason.TITLE
    assert match_one(replace(old, date_text="1 May 2020 - 1 May 2021"), old) is None


def test_an_item_without_a_title_is_known_by_its_summary() -> None:
    old = read(None, summary="The workshop brought together many cooperators.")
    assert (
        match_one(read(None, summary="The workshop brought together many co-operators."), old)
        is MatchReason.TITLE
    )
    assert heading(read(None, summary=None)) is None


def test_the_year_of_an_image_credit_is_no_part_of_identity() -> None:
    old, new = read(credit="© A / ILO 2023"), read(credit="© A / ILO 2024")
    assert match_one(new, old) is MatchReason.TITLE
    assert mint_id(new, source="s", taken=()) == mint_id(old, source="s", taken=())


# ------------------------------------------------------------------ what is shared identifies nothing

LANDING = "https://h.org/newsletter"
OTHER_DAY = date(2023, 5, 20)


def test_items_with_other_own_ids_are_other_items_though_their_address_is_shared() -> None:
    old = read("Open day at the dock", source_item_id="1", link=LANDING)
    assert match_one(read("Choir sings", source_item_id="2", link=LANDING, published=OTHER_DAY), old) is None
    assert match_one(read("Choir sings", source_item_id="2", link=LANDING), old) is None
    assert (
        match_one(read("Open day at the dock", source_item_id="2", link=LANDING, published=OTHER_DAY), old)
        is None
    )
    assert match_one(read("Open day at the dock", source_item_id="2", link="https://h.org/b"), old) is None


def test_an_own_id_that_changed_is_the_same_item_if_everything_else_agrees() -> None:
    old = read("Open day at the dock", source_item_id="1", link=LANDING)
    again = replace(old, source_item_id="2", summary="Edited.")
    assert match_one(again, old) is MatchReason.ADDRESS
    found = match([again, replace(old, summary="Other.")], [known(old)], source="news")
    assert outcome(found) == [(None, None), ("a", MatchReason.SOURCE_ID)]


def test_an_own_id_that_is_an_address_may_change_its_scheme_and_tracking() -> None:
    old = read("First", source_item_id="http://www.h.org/?p=7", link="https://h.org/a")
    new = read("Second", source_item_id="https://h.org/?p=7&utm_source=rss", link="https://h.org/a")
    assert match_one(new, old) is MatchReason.ADDRESS
    assert match_one(replace(new, source_item_id="https://h.org/?p=7#2"), old) is None


def test_own_ids_of_another_source_are_no_evidence_against_an_address() -> None:
    old = read("First", source_item_id="1", link="https://h.org/a")
    new = read("Second", source_item_id="2", link="https://h.org/a")
    assert match_one(new, old, source="other") is MatchReason.ADDRESS


def test_parts_of_one_page_are_other_items() -> None:
    old = read("Version 7.4 is out", link="https://h.org/2023.html#n1")
    fix = read("Security fix", link="https://h.org/2023.html#n2", published=OTHER_DAY)
    assert match_one(fix, old) is None
    assert match_one(read("Version 7.5", link="https://h.org/2023.html#n1"), old) is MatchReason.ADDRESS
    assert match_one(read("Version 7.5", link="https://h.org/2023.html#top"), old) is MatchReason.ADDRESS


def test_an_address_that_several_items_share_counts_only_with_the_same_day_and_title() -> None:
    june, may = read("June", link=LANDING, published=OTHER_DAY), read("May", link=LANDING)
    stored = [known(june, "june"), known(may, "may")]
    july = read("July", link=LANDING, published=date(2023, 7, 1))
    found = match([july, replace(june, summary="Edited.")], stored, source="news")
    assert outcome(found) == [(None, None), ("june", MatchReason.ADDRESS)]
    assert outcome(match([july], stored, source="news")) == [(None, None)]


def test_an_own_id_that_several_items_share_is_none() -> None:
    one, two = (
        read("Decent work", source_item_id="0", link="https://h.org/1"),
        read("Youth", source_item_id="0", link="https://h.org/2"),
    )
    new = read("Cooperatives", source_item_id="0", link="https://h.org/3", published=OTHER_DAY)
    stored = [known(one, "1"), known(two, "2")]
    found = match([new, replace(two, title="Young people")], stored, source="news")
    assert outcome(found) == [(None, None), ("2", MatchReason.ADDRESS)]


@pytest.mark.parametrize(
    "link",
    [
        "https://h.org/a?xtor=RSS-16",
        "https://h.org/a?at_medium=custom7&at_campaign=x#xtor=RSS-1",
        "https://h.org/a?source=rss&wt.mc_id=1",
        "https://h.org/a?ns_campaign=x&smid=y&ref=newsletter#utm_source=rss&utm_medium=feed",
    ],
)
def test_tracking_makes_no_other_address(link: str) -> None:
    assert canonical(link) == "https://h.org/a"
    old = read(link="https://h.org/a#b")
    assert match_one(read("Other", link=link, published=OTHER_DAY), old) is MatchReason.ADDRESS


@pytest.mark.parametrize(
    "link", ["https://h.org/a?source=12", "https://h.org/a?from=2023", "https://h.org/a?ref=7"]
)
def test_parameters_with_a_meaning_make_another_address(link: str) -> None:
    assert canonical(link) == link


# ------------------------------------------------------------------ hostile titles


def test_after_a_bound_of_work_only_equal_titles_are_alike() -> None:
    comparison = TitleComparison(work=1)
    pair = "Decent work for all of us", "Decent works for all of us"
    assert comparison.likeness(*pair) > 0.9
    assert comparison.likeness(*pair) == 0.0
    assert comparison.likeness("Decent work", "decent work.") == 1.0


def test_only_the_beginning_of_long_titles_is_compared() -> None:
    begin = "decent work for all of the people " * 12
    assert 0.9 <= likeness(begin + "one " * 200, begin + "other " * 200) < 1.0
    assert replaced_words(begin + "alpha beta gamma " * 99, begin + "delta epsilon zeta " * 99) == 0


# ------------------------------------------------------------------ one to one, best first


def test_the_best_pairs_are_made_first() -> None:
    one, two = read("Decent work for all of the people"), read("Decent work for all of the peoples")
    found = match([two, one], [known(one, "one"), known(two, "two")], source="news")
    assert outcome(found) == [("two", MatchReason.TITLE), ("one", MatchReason.TITLE)]


def test_one_stored_item_takes_one_read_item_and_the_other_is_new() -> None:
    old = read("Decent work for all of the people")
    found = match([read("Decent work for all of the peoples"), old], [known(old)], source="news")
    assert outcome(found) == [(None, None), ("a", MatchReason.TITLE)]


def test_two_items_of_one_address_and_title_are_told_apart_by_their_summaries() -> None:
    first, second = read(link="https://h.org/a", summary="One."), read(link="https://h.org/a", summary="Two.")
    stored = [known(first, "first"), known(second, "second")]
    assert [item for item, _ in outcome(match([second, first], stored, source="news"))] == ["second", "first"]
    assert [item for item, _ in outcome(match([second], stored, source="news"))] == ["second"]


def test_a_translation_does_not_take_the_place_of_its_sister() -> None:
    english, french = (
        read("Title", link=OLD.format(123456, "en")),
        read("Titre", link=OLD.format(123456, "fr"), language="fr"),
    )
    stored = [known(english, "en"), known(french, "fr")]
    there = "https://www.ilo.org/resource/news/wcms_123456"
    found = match([replace(french, link=there), replace(english, link=there)], stored, source="news")
    assert [item for item, _ in outcome(found)] == ["fr", "en"]


def test_only_items_equal_in_all_fields_are_doubles() -> None:
    one = read(section="News", warnings=("w",))
    double, other = replace(one, section="More"), replace(one, summary="Other.")
    assert without_doubles([one, other, double]) == (one, other)


def test_a_page_of_thousands_of_likenesses_is_matched_without_comparing_all_pairs() -> None:
    items = [
        read("Decent work for all of the people", link="https://h.org/a", summary=str(n)) for n in range(3000)
    ]
    found = match(items, [known(item, str(n)) for n, item in enumerate(items)], source="news")
    assert len({one.known.id for one in found if one.known}) == 3000


ITEMS = st.builds(
    read,
    st.sampled_from(["Decent work", "Decent works", "Decent work 2", None, "Travail décent"]),
    summary=st.sampled_from(["One.", "Two.", None]),
    published=st.sampled_from([date(2023, 4, 1), date(2023, 4, 2)]),
    language=st.sampled_from(["en", "fr", None]),
    source_item_id=st.sampled_from([None, "1", "2"]),
    link=st.sampled_from(
        [
            None,
            "https://h.org/a",
            OLD.format(123456, "en"),
            OLD.format(123456, "fr"),
            OLD.format(777777, "en"),
        ]
    ),
)


@given(st.lists(ITEMS, max_size=8), st.lists(ITEMS, max_size=8))
def test_matching_is_one_to_one_and_keeps_the_order(items: list[ReadItem], stored: list[ReadItem]) -> None:
    found = match(items, [known(item, str(number)) for number, item in enumerate(stored)], source="news")
    taken = [one.known.id for one in found if one.known]
    assert [one.read for one in found] == items
    assert len(taken) == len(set(taken))
    assert all((one.known is None) == (one.reason is None) for one in found)


@given(st.lists(ITEMS.filter(heading), max_size=8))
def test_a_page_read_again_matches_itself_wholly(items: list[ReadItem]) -> None:
    page = without_doubles(items)
    found = match(page, [known(item, str(number)) for number, item in enumerate(page)], source="news")
    assert all(one.known is not None for one in found)


# ------------------------------------------------------------------ ids


def test_an_id_is_26_letters_and_the_same_on_every_machine() -> None:
    minted = mint_id(read(link=OLD.format(123456, "en")), source="news", taken=())
    assert minted == mint_id(
        read("x", link="https://oit.org/global/topics/cooperatives/news/WCMS_123456/lang--en"),
        source="b",
        taken=(),
    )
    assert len(minted) == 26
    assert set(minted) <= set("abcdefghijklmnopqrstuvwxyz234567")


def test_what_identifies_an_item_first_makes_its_id() -> None:
    bare = read()
    assert mint_id(bare, source="a", taken=()) == mint_id(
        replace(bare, summary="Other."), source="b", taken=()
    )
    assert mint_id(bare, source="a", taken=()) != mint_id(
        replace(bare, published=date(2023, 1, 1)), source="a", taken=()
    )
    guided = replace(bare, source_item_id="7", link="https://h.org/a")
    assert mint_id(guided, source="a", taken=()) != mint_id(guided, source="b", taken=())


def test_an_id_that_is_taken_is_made_anew_and_always_the_same_way() -> None:
    item = read(link="https://h.org/a")
    taken: set[str] = set()
    for _ in range(3):
        taken.add(mint_id(item, source="a", taken=taken))
    assert len(taken) == 3
    again: set[str] = set()
    for _ in range(3):
        again.add(mint_id(item, source="a", taken=again))
    assert again == taken


@given(st.text(), st.text() | st.none())
def test_an_id_can_be_made_of_anything(title: str, link: str | None) -> None:
    assert len(mint_id(read(title, link=link), source="s", taken=())) == 26


def test_a_word_in_place_of_another_is_an_edit_only_where_the_summary_is_the_same() -> None:
    old = read("Workshop on statistics of cooperatives for health providers held")
    title = "Workshop on statistics of cooperatives for school providers held"
    assert likeness(old.title or "", title) > 0
    assert match_one(read(title), old) is MatchReason.TITLE
    assert match_one(read(title, summary="Something else."), old) is None
    assert match_one(
        read("Workshop on statistics of cooperatives for helath providers held", summary="x"), old
    )

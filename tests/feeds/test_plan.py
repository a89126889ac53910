"""Which feeds there are and what stands in them, for any items at all."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sse_digest.errors import FeedError
from sse_digest.model.items import Item, Precision
from tests.builders import NOON, make_item
from tests.feeds.documents import documents_for, feeds_for
from tests.feeds.feeds import OPTIONS, TAG, feed_of, feeds, wide
from tests.feeds.odd import odd_items
from tests.feeds.rules import ATOM, atom_problems, json_problems, parse, rss_problems

NOW = datetime(2030, 1, 1, tzinfo=UTC)


def names(*items: Item, kept: tuple[str, ...] = ()) -> list[str]:
    return [feed.name for feed in wide(feeds_for(items, OPTIONS, TAG, kept=kept))]


def titles(*items: Item, **changes: object) -> list[str]:
    return [entry.title for entry in feed_of(*items, **changes).entries]


def test_there_is_a_feed_of_all_items_and_of_each_theme_with_items_in_order() -> None:
    assert names() == ["all"]
    assert names(make_item(1, themes=("youth", "cooperatives"))) == ["all", "cooperatives", "youth"]


def test_the_feed_of_a_theme_that_once_had_items_stays_and_is_valid_when_empty() -> None:
    documents = documents_for([], OPTIONS, TAG, kept=("all.atom", "youth.atom"))

    endings = ("atom", "rss", "json", "html")
    expected = [f"{feed}.{ending}" for feed in ("all", "youth") for ending in endings]
    assert sorted(documents) == sorted([*expected, "feeds.opml"])
    assert atom_problems(documents["youth.atom"], now=NOW) == []
    assert rss_problems(documents["youth.rss"], now=NOW) == []


def test_the_feed_of_a_theme_that_left_the_configuration_stays_too() -> None:
    assert names(make_item(1, themes=("old",)), kept=("old.atom",)) == ["all", "old"]
    assert names(make_item(1, themes=("old",))) == ["all"]


def test_a_theme_is_titled_by_its_label_and_has_its_own_id() -> None:
    everything, youth = wide(feeds([make_item(1, themes=("youth",))]))

    assert (everything.title, everything.label) == ("Example news", None)
    assert (youth.title, youth.label) == ("Example news: Youth", "Youth")
    assert (everything.id, youth.id) == (
        "tag:news.example.org,2023:feed/all",
        "tag:news.example.org,2023:feed/youth",
    )


def test_every_language_with_items_has_its_own_feed_of_everything_and_of_each_theme() -> None:
    items = [
        make_item(1, language="fr", themes=("youth",)),
        make_item(2, language="en", themes=("cooperatives",)),
        make_item(3, language=None, themes=("cooperatives",)),
    ]

    assert [(feed.name, len(feed.entries)) for feed in feeds(items)] == [
        ("all", 3),
        ("all.en", 1),
        ("all.fr", 1),
        ("cooperatives", 2),
        ("cooperatives.en", 1),
        ("youth", 1),
        ("youth.fr", 1),
    ]


def test_a_language_that_once_had_items_keeps_its_feeds_valid_and_empty() -> None:
    documents = documents_for([], OPTIONS, TAG, kept=("youth.fr.atom", "youth.fr.rss"))

    assert atom_problems(documents["youth.fr.atom"], now=NOW) == []
    assert rss_problems(documents["youth.fr.rss"], now=NOW) == []
    assert parse(documents["youth.fr.atom"]).findall(f"{ATOM}entry") == []


def test_no_two_feeds_have_one_title_or_one_id_and_labels_are_in_the_feeds_language() -> None:
    items = [
        make_item(number, language=language, themes=("cooperatives", "youth"))
        for number, language in enumerate(("en", "fr", "ar", "de"))
    ]
    found = {feed.name: feed for feed in feeds(items)}

    assert len({feed.title for feed in found.values()}) == len({feed.id for feed in found.values()}) == 15
    assert found["cooperatives.fr"].title == "Example news: Coopératives (français)"
    assert found["cooperatives.fr"].language == "fr"
    assert found["cooperatives.fr"].entries[0].categories[0].label == "Coopératives"
    assert found["youth.fr"].label == "Youth"
    assert found["all.de"].title == "Example news (Deutsch)"


def test_the_feeds_of_one_theme_know_each_other_by_language() -> None:
    items = [make_item(1, language="fr", themes=("youth",)), make_item(2, themes=("youth",))]
    found = {feed.name: feed for feed in feeds(items)}

    assert [sister.language for sister in found["youth"].sisters] == ["en", "fr"]
    assert [sister.language for sister in found["youth.fr"].sisters] == [None, "en"]
    assert found["youth"].sisters[1].urls["rss"] == "https://news.example.org/feeds/youth.fr.rss"


def test_hidden_items_are_left_out_and_move_no_other() -> None:
    shown, hidden = make_item(1), make_item(2)

    before, after = feed_of(shown, hidden), feed_of(shown, replace(hidden, hidden=True))

    assert after.entries == before.entries[1:]


def test_an_item_stands_in_the_feed_of_each_of_its_themes() -> None:
    both = wide(feeds([make_item(1, themes=("youth", "cooperatives"))]))

    assert {feed.name: len(feed.entries) for feed in both} == {"all": 1, "cooperatives": 1, "youth": 1}


def test_a_feed_stands_newest_first_by_date_published_or_first_seen() -> None:
    undated = make_item(
        7, title="undated", published=None, precision=Precision.NONE, first_seen=NOON - timedelta(days=8)
    )
    items = [
        make_item(number, published=date(2023, 4, number), title=str(number)) for number in range(10, 16)
    ]

    assert titles(*items, undated) == ["15", "14", "13", "undated", "12", "11", "10"]


def test_the_feed_is_as_new_as_its_newest_entry() -> None:
    late = make_item(2, published=date(2023, 1, 1), updated=NOON + timedelta(days=9))
    feed = feed_of(make_item(1), late)

    assert feed.updated == max(entry.updated for entry in feed.entries) > NOON + timedelta(days=9)


def test_every_address_of_a_place_on_our_page_leads_somewhere() -> None:
    items = [
        make_item(number, link=None, themes=("youth",) if number < 4 else ("other",))
        for number in range(1, 20)
    ]
    documents = documents_for(items, replace(OPTIONS, newest=3, range_length=4), TAG)

    pointed = {
        link.get("href").removeprefix("https://news.example.org/feeds/").partition("#")
        for name, body in documents.items()
        if name.endswith(".atom")
        for link in parse(body).iterfind(f"{ATOM}entry/{ATOM}link")
    }

    assert len(pointed) == 19
    for page, _, place in pointed:
        assert f' id="{place}"' in documents[page].decode()


@pytest.mark.parametrize(
    ("changes", "words"),
    [({"public_url": "nowhere"}, "public_url"), ({"themes": {"A B": {}}}, "lower-case letters")],
)
def test_options_that_cannot_be_published_are_told(changes: dict[str, object], words: str) -> None:
    with pytest.raises(FeedError, match=words):
        documents_for([make_item(1, themes=("A B",))], replace(OPTIONS, **changes), TAG)  # type: ignore[arg-type] # fields


def test_an_odd_language_of_the_feed_falls_back() -> None:
    assert feed_of(language="not a language").language == "en"


# ---- any items at all

TEXT = (
    st.none()
    | st.text(st.characters(exclude_categories=()), max_size=60)
    | st.sampled_from(
        [
            "</b>",
            "&copy;",
            "S&P500",
            "Ã©",
            "أخبار ILO",
            "\ud83d",
            "\x00",
            "]]>",
            "&#x26;",
            "<!--",
            "\u202e",
            "a" * 300,
        ]
    )
)
LINKS = st.none() | TEXT | TEXT.map(lambda text: f"https://a.example/{text}")
INSTANTS = st.datetimes(datetime(2000, 1, 1), datetime(2029, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 # zone is given
FIELDS = st.fixed_dictionaries(
    {
        "title": TEXT,
        "summary": TEXT,
        "kicker": TEXT,
        "place": TEXT,
        "date_text": TEXT,
        "link": LINKS,
        "language": st.sampled_from([None, "en", "fr", "ar", "he", "xx", "en-GB", "", "??"]),
        "published": st.none() | st.dates() | st.dates(date(2000, 1, 1), date(2029, 1, 1)),
        "precision": st.sampled_from(Precision),
        "themes": st.sampled_from([("youth",), ("other",), ("cooperatives", "youth"), ("unknown",)]),
        "first_seen": INSTANTS | st.just(NOON),
        "updated": INSTANTS | st.just(NOON),
        "hidden": st.booleans(),
    }
)


@pytest.mark.slow
@given(st.lists(FIELDS, max_size=6), TEXT, TEXT, TEXT)
@settings(deadline=None, max_examples=100)
def test_no_input_stops_publishing_or_breaks_a_rule(
    fields: list[dict[str, object]], title: str | None, author: str | None, rights: str | None
) -> None:
    items = [make_item(number, **changes) for number, changes in enumerate(fields)]
    options = replace(
        OPTIONS,
        title=title or "",
        subtitle=title or "",
        author=author or "",
        rights=rights,
        newest=1,
        range_length=2,
    )

    documents = documents_for(items, options, TAG, kept=("other.atom",))

    for name, body in documents.items():
        if name.endswith(".atom"):
            assert atom_problems(body, now=NOW) == []
        elif name.endswith(".rss"):
            problems = rss_problems(body, now=NOW)
            assert [problem for problem in problems if "creator" not in problem] == []
        elif name.endswith(".json"):
            assert json_problems(body, now=NOW) == []
    assert documents_for(reversed(items), options, TAG, kept=("other.atom",)) == documents


@pytest.mark.slow
def test_a_large_corpus_of_odd_items_breaks_no_rule(effort: str, proof: Callable[[str, str], None]) -> None:
    count = 10_000 if effort == "full" else 600
    items = odd_items(count)

    documents = documents_for(items, replace(OPTIONS, newest=count), TAG)

    assert len(parse(documents["all.atom"]).findall(f"{ATOM}entry")) == count
    for name, body in documents.items():
        if name.endswith((".atom", ".json", ".rss")):
            problems = rss_problems if name.endswith(".rss") else atom_problems
            assert problems(body, now=NOW) == [], name
    proof("Odd items published", f"{count} items, no finding in Atom, RSS or JSON Feed")

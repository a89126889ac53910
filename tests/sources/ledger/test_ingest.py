from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from sse_digest.errors import StoreError
from sse_digest.model.items import Item, Precision, Reading, ReadItem
from sse_digest.model.theme_rules import ThemeRules, parse_rules
from sse_digest.sources.fetch import fetch_all
from sse_digest.sources.ledger.ingest import IngestReport, ingest
from sse_digest.sources.options import FetchRequest
from sse_digest.store import Connection, Store, open_store
from sse_digest.store.news.items import all_items, edit_item, known_items
from sse_digest.store.news.sources import source_states
from tests.builders import NOON
from tests.options import fetch_options, source_options
from tests.sources.dresses import CLASSIC, classic

LATER = NOON + timedelta(days=1)
FETCH = fetch_options(user_agent="sse-digest test")
OLD = "http://www.ilo.org/news/WCMS_{}/lang--{}/index.htm"


@pytest.fixture(scope="module")
def rules() -> ThemeRules:
    term = {"why": "the theme's own word"}
    themes = {
        "youth": {"rank": 1, "labels": {"en": "Youth"}, "terms": {"en": {"youth": term}}},
        "other": {"rank": 2, "labels": {"en": "Other"}, "fallback": True},
    }
    return parse_rules({"themes": themes}, where="test")


def read(title: object = "A piece of news", **changes: object) -> ReadItem:
    values: dict[str, object] = {
        "title": title,
        "summary": "What it is about.",
        "published": date(2023, 4, 19),
        "precision": Precision.DAY,
        "date_text": "19 April 2023",
        "language": "en",
    }
    return ReadItem(**{**values, **changes})  # type: ignore[arg-type] # the test's own values


def take(
    store: Store, rules: ThemeRules, *items: ReadItem, now: datetime = NOON, source: str = "news"
) -> IngestReport:
    return ingest(store, source, Reading(items=items), now=now, rules=rules)


def stored(store: Store) -> tuple[Item, ...]:
    with store.reading() as connection:
        return all_items(connection)


def counts(report: IngestReport) -> tuple[int, int, int, int]:
    return report.added, report.changed, report.unchanged, report.refused


# ------------------------------------------------------------------ new items


def test_a_new_item_is_stored_as_it_was_read_and_gets_its_themes(store: Store, rules: ThemeRules) -> None:
    one = read(
        "Youth at work",
        kicker="News",
        credit="© A 2023",
        section="April 2023",
        place="Hanoi",
        link="https://h.org/a",
    )
    report = take(store, rules, one, read(None, summary="Only a text."))

    first, second = stored(store)
    assert (report.read, *counts(report)) == (2, 2, 0, 0, 0)
    for field in ReadItem.__slots__:
        if field not in {"source_item_id", "warnings", "how"}:
            assert getattr(first, field) == getattr(one, field)
    assert (first.source, first.first_seen, first.updated, first.group) == ("news", NOON, NOON, first.id)
    assert (first.decision.primary, second.decision.primary) == ("youth", "other")
    assert second.heading == "Only a text."


def test_an_item_without_a_date_is_never_dated_now(store: Store, rules: ThemeRules) -> None:
    take(store, rules, read(published=None, precision=Precision.NONE, date_text="soon"))
    (item,) = stored(store)
    assert (item.published, item.precision, item.date_text) == (None, Precision.NONE, "soon")


def test_what_has_neither_title_nor_text_is_refused(store: Store, rules: ThemeRules) -> None:
    report = take(store, rules, read(None, summary=None, link="https://h.org/a"), read())
    assert (report.read, *counts(report)) == (2, 1, 0, 0, 1)
    assert "refused" in report.warnings[0]


def test_items_equal_in_all_fields_are_stored_once(store: Store, rules: ThemeRules) -> None:
    report = take(store, rules, read(), read("Other"), read())
    assert (report.read, *counts(report)) == (3, 2, 0, 1, 0)
    assert len(stored(store)) == 2
    assert "repeated items on the page" in report.warnings[0]


def test_two_items_of_one_address_are_two_and_stay_two(store: Store, rules: ThemeRules) -> None:
    items = [read(summary=words, link=OLD.format(440898, "en")) for words in ("One.", "Two.")]
    assert counts(take(store, rules, *items)) == (2, 0, 0, 0)
    assert counts(take(store, rules, *reversed(items), now=LATER)) == (0, 0, 2, 0)
    assert counts(take(store, rules, items[1], now=LATER)) == (0, 0, 1, 0)
    assert len({item.id for item in stored(store)}) == 2


def test_the_warnings_of_items_and_page_are_reported(store: Store, rules: ThemeRules) -> None:
    reading = Reading(items=(read(warnings=("no date",)),), warnings=("cut off",))
    report = ingest(store, "news", reading, now=NOON, rules=rules)
    assert report.warnings == ("cut off", "A piece of news: no date")


def test_translations_are_items_of_their_own_in_one_group(store: Store, rules: ThemeRules) -> None:
    english = read("Decent work", link=OLD.format(123456, "en"))
    french = read("Travail décent", link=OLD.format(123456, "fr"), language="fr")
    spanish = read("Trabajo decente", link=OLD.format(123456, "es"), language="es")
    again = read("Another on the same address", link=OLD.format(123456, "en"), published=date(2023, 5, 1))
    take(store, rules, english, french, again)
    take(store, rules, spanish, source="es")

    items = {item.title: item for item in stored(store)}
    assert len(items) == 4
    first = items["Decent work"]
    assert items["Travail décent"].group == items["Trabajo decente"].group == first.group == first.id


def test_the_same_items_get_the_same_ids_in_every_store(store: Store, rules: ThemeRules) -> None:
    items = [
        read(),
        read("Other"),
        read(summary="x", link="https://h.org/a"),
        read(summary="y", link="https://h.org/a"),
    ]
    take(store, rules, *items)
    with open_store("sqlite://") as other:
        take(other, rules, *items, now=LATER)
        assert [item.id for item in stored(other)] == [item.id for item in stored(store)]


# ------------------------------------------------------------------ read again


def test_reading_a_page_again_changes_nothing(store: Store, rules: ThemeRules) -> None:
    items = [read(), read(None, summary="Text."), read("No date", published=None, precision=Precision.NONE)]
    take(store, rules, *items)
    before = stored(store)
    assert counts(take(store, rules, *items, now=LATER)) == (0, 0, 3, 0)
    assert stored(store) == before


def test_an_edited_title_makes_the_item_updated_and_decides_its_themes_anew(
    store: Store, rules: ThemeRules
) -> None:
    take(store, rules, read(link="https://h.org/a"))
    report = take(store, rules, read("Youth at work", link="https://h.org/a"), now=LATER)
    (item,) = stored(store)
    assert counts(report) == (0, 1, 0, 0)
    assert (item.title, item.updated, item.first_seen, item.decision.primary) == (
        "Youth at work",
        LATER,
        NOON,
        "youth",
    )


@pytest.mark.parametrize(
    "noise",
    [
        {"title": "A  piece of\u00a0news"},
        {"summary": "What it is about. "},
        {"credit": "© A / ILO 2024"},
        {"link": "http://www.h.org/a/index.htm?utm_source=x"},
        {"date_text": "19  April 2023"},
        {"kicker": None, "section": None, "summary": None, "credit": None, "link": None},
        {
            "published": None,
            "precision": Precision.NONE,
            "date_text": None,
            "place": None,
            "link": "https://h.org/a",
        },
        {"published": date(2023, 4, 1), "precision": Precision.MONTH, "link": "https://h.org/a"},
        {"language": "fr"},
    ],
)
def test_noise_and_what_a_reading_lost_change_nothing_at_all(
    store: Store, rules: ThemeRules, noise: dict[str, object]
) -> None:
    full: dict[str, object] = {"kicker": "News", "section": "April 2023", "credit": "© A / ILO 2023"}
    full |= {"place": "Hanoi", "link": "https://h.org/a"}
    take(store, rules, read(**full))
    before = stored(store)
    assert counts(take(store, rules, read(**full | noise), now=LATER)) == (0, 0, 1, 0)
    assert stored(store) == before


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kicker": "Press release"}, "kicker"),
        ({"credit": "© B / ILO 2023"}, "credit"),
        ({"section": "May 2023"}, "section"),
        ({"published": date(2023, 4, 20), "date_text": "20 April 2023"}, "published"),
        ({"published": date(2023, 5, 1), "precision": Precision.MONTH, "date_text": "May 2023"}, "precision"),
        ({"place": "Hue"}, "place"),
        ({"link": "https://h.org/resource/wcms_123456"}, "link"),
    ],
)
def test_other_fields_are_corrected_without_an_update(
    store: Store, rules: ThemeRules, change: dict[str, object], field: str
) -> None:
    link = OLD.format(123456, "en")
    take(store, rules, read(link=link))
    assert counts(take(store, rules, read(**{"link": link, **change}), now=LATER)) == (0, 1, 0, 0)
    (item,) = stored(store)
    assert getattr(item, field) == change[field]
    assert item.updated == NOON


def test_a_date_and_a_language_that_were_missing_are_filled_in(store: Store, rules: ThemeRules) -> None:
    bare = read(
        published=None, precision=Precision.NONE, date_text=None, language=None, link="https://h.org/a"
    )
    take(store, rules, bare)
    take(store, rules, read(link="https://h.org/a"), now=LATER)
    (item,) = stored(store)
    assert (item.published, item.language, item.date_text) == (date(2023, 4, 19), "en", "19 April 2023")
    assert item.updated == NOON


def test_a_link_that_comes_later_identifies_the_item_from_then_on(store: Store, rules: ThemeRules) -> None:
    take(store, rules, read())
    take(store, rules, read(link=OLD.format(123456, "en")), now=LATER)
    moved = read(
        "Quite another title", link="https://ilo.org/resource/wcms_123456", published=date(2023, 4, 21)
    )
    assert counts(take(store, rules, moved, now=LATER)) == (0, 1, 0, 0)
    assert len(stored(store)) == 1


def test_another_sources_item_is_left_alone(store: Store, rules: ThemeRules) -> None:
    take(store, rules, read(link="https://h.org/a"))
    before = stored(store)
    elsewhere = read("Youth at work", kicker="Mirror", link="https://www.h.org/a/")
    report = take(store, rules, elsewhere, source="mirror", now=LATER)
    assert counts(report) == (0, 0, 1, 0)
    assert stored(store) == before


# ------------------------------------------------------------------ editors


def test_what_an_editor_set_survives_every_fetch(store: Store, rules: ThemeRules) -> None:
    link = "https://h.org/a"
    take(store, rules, read("Youth at work", link=link))
    (item,) = stored(store)
    with store.writing() as connection:
        edit_item(connection, item.id, now=NOON, title="Ours", themes=("other",), hidden=True)

    assert counts(take(store, rules, read("Youth at work", link=link), now=LATER)) == (0, 0, 1, 0)
    report = take(store, rules, read("Youth, again", summary="New text.", link=link), now=LATER)

    (edited,) = stored(store)
    assert counts(report) == (0, 1, 0, 0)
    assert (edited.title, edited.summary, edited.hidden) == ("Ours", "New text.", True)
    assert edited.decision.themes == ("other",)
    assert edited.updated == LATER


def test_matching_follows_the_source_even_where_an_editor_chose_the_words(
    store: Store, rules: ThemeRules
) -> None:
    take(store, rules, read("The title that the source itself gave"))
    (item,) = stored(store)
    with store.writing() as connection:
        edit_item(connection, item.id, now=NOON, title="Ours")
    for title in ("The title that the source itself gives", "The titles that the source itself gives"):
        assert counts(take(store, rules, read(title), now=LATER)) == (0, 0, 1, 0)
    with store.reading() as connection:
        (known,) = known_items(connection)
    assert known.keys.heading == "The titles that the source itself gives"


# ------------------------------------------------------------------ all sources


async def test_one_bad_source_never_stops_another(store: Store, rules: ThemeRules, tmp_path: Path) -> None:
    (tmp_path / "good.html").write_text(classic([read(), read("Two")], CLASSIC["plain"]), encoding="utf-8")
    (tmp_path / "wall.html").write_text("<p>Accept all cookies?</p>", encoding="utf-8")
    sources = [
        source_options(name="gone", kind="html", path=tmp_path / "none.html", preset="ilo"),
        source_options(name="wall", kind="html", path=tmp_path / "wall.html", preset="ilo"),
        source_options(name="odd", kind="carrier pigeon", path=tmp_path / "good.html"),
        source_options(name="inside", kind="html", url="http://127.0.0.1:9/", preset="ilo"),
        source_options(name="good", kind="html", path=tmp_path / "good.html", preset="ilo-classic"),
    ]

    reports = await fetch_all(store, sources, FETCH, now=NOON, rules=rules)

    assert [report.source for report in reports] == ["gone", "wall", "odd", "inside", "good"]
    told = ("does not exist", "nothing in it matches", "no kind of source", "not a public address")
    for report, words in zip(reports, told, strict=False):
        assert words in (report.problem or "")
        assert report.read == 0
    assert (reports[4].problem, counts(reports[4])) == (None, (2, 0, 0, 0))
    with store.reading() as connection:
        states = {state.name: state for state in source_states(connection)}
    assert (states["good"].items, states["good"].problem, states["good"].good_at) == (2, None, NOON)
    assert states["wall"].good_at is None
    assert "nothing in it matches" in (states["wall"].problem or "")


async def test_a_failing_source_keeps_everything_it_gave(
    store: Store, rules: ThemeRules, tmp_path: Path
) -> None:
    path = tmp_path / "page.html"
    source = source_options(name="news", kind="html", path=path, preset="ilo-classic")
    path.write_text(classic([read(), read("Two")], CLASSIC["plain"]), encoding="utf-8")
    await fetch_all(store, [source], FETCH, now=NOON, rules=rules)
    before = stored(store)
    path.write_text("<p>Please log in</p>", encoding="utf-8")

    (report,) = await fetch_all(store, [source], FETCH, now=LATER, rules=rules)

    assert report.problem
    assert stored(store) == before
    with store.reading() as connection:
        (state,) = source_states(connection)
    assert (state.read_at, state.good_at, state.items) == (LATER, NOON, 2)


async def test_a_page_in_another_layout_stores_nothing_until_an_admin_accepts_it(
    store: Store, rules: ThemeRules, tmp_path: Path
) -> None:
    path = tmp_path / "page.html"
    source = source_options(name="news", kind="html", path=path, preset="ilo-classic")
    items = [
        read(f"A piece of news, number {n}", published=date(2023, 4, n), date_text=f"{n} April 2023")
        for n in range(9, 3, -1)
    ]
    path.write_text(classic(items, CLASSIC["plain"]), encoding="utf-8")
    await fetch_all(store, [source], FETCH, now=NOON, rules=rules)
    before = stored(store)
    bare = [replace(item, published=None, date_text=None, title="Read more") for item in items]
    path.write_text(classic(bare, CLASSIC["plain"]), encoding="utf-8")

    (refused,) = await fetch_all(store, [source], FETCH, now=LATER, rules=rules)

    assert "6 of 6 items have no date" in (refused.problem or "")
    assert "sources accept news" in (refused.problem or "")
    assert {"dates missing", "titles equal"} <= {alarm.signal for alarm in refused.alarms}
    assert stored(store) == before
    with store.reading() as connection:
        (state,) = source_states(connection)
    assert (state.alarms, state.good_at, len(state.shapes)) == (refused.alarms, NOON, 1)

    (taken,) = await fetch_all(
        store, [source], FETCH, now=LATER, rules=rules, wanted=FetchRequest(accept=["news"])
    )
    (again,) = await fetch_all(store, [source], FETCH, now=LATER, rules=rules)
    assert (taken.problem, again.problem, again.changed) == (None, None, 0)


async def test_a_quiet_month_and_an_empty_list_are_taken(
    store: Store, rules: ThemeRules, tmp_path: Path
) -> None:
    path = tmp_path / "page.html"
    source = source_options(name="news", kind="html", path=path, preset="ilo-classic", may_be_empty=True)
    items = [read(f"A piece of news, number {n}") for n in range(4)]
    for listed in (items, items, items, items[:1], []):
        path.write_text(classic(listed, CLASSIC["plain"]), encoding="utf-8")
        (report,) = await fetch_all(store, [source], FETCH, now=NOON, rules=rules)
        assert (report.problem, report.read) == (None, len(listed))
    assert len(stored(store)) == 4


async def test_a_defect_met_on_one_source_is_told_and_stops_no_other(
    store: Store, rules: ThemeRules, tmp_path: Path
) -> None:
    (tmp_path / "good.html").write_text(classic([read()], CLASSIC["plain"]), encoding="utf-8")
    good = source_options(name="good", kind="html", path=tmp_path / "good.html", preset="ilo-classic")
    broken = replace(good, name="broken", path=42)  # type: ignore[arg-type] # a defect of ours: no path at all
    with capture_logs() as logs:
        first, second = await fetch_all(store, [broken, good], FETCH, now=NOON, rules=rules)
    assert "Please report this" in (first.problem or "")
    assert second.added == 1
    assert [entry["event"] for entry in logs] == ["source.defect", "source.ingested"]


async def test_a_store_that_cannot_be_written_is_an_error(rules: ThemeRules, tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path}/a.db") as store:
        with store.writing() as connection:
            connection.execute("DROP TABLE items")
        with pytest.raises(StoreError):
            take(store, rules, read())


ITEMS = st.builds(
    read,
    st.sampled_from(["Decent work", "Decent works", "Decent work 2", None, "Travail décent"]),
    summary=st.sampled_from(["One.", "Two.", None]),
    published=st.sampled_from([date(2023, 4, 1), date(2023, 4, 2)]),
    language=st.sampled_from(["en", "fr", None]),
    source_item_id=st.sampled_from([None, "1", "2"]),
    credit=st.sampled_from([None, "© A 2023"]),
    link=st.sampled_from([None, "https://h.org/a", OLD.format(123456, "en"), OLD.format(123456, "fr")]),
)


APRIL = date(2023, 4, 1)


@settings(deadline=None, max_examples=25)
@given(earlier=st.lists(ITEMS, max_size=6), page=st.lists(ITEMS, max_size=6))
@example(  # the one that the last piece of news was, was then as much like the third
    earlier=[
        read("Decent work", summary="One.", published=APRIL),
        read("Decent work", summary="One.", published=APRIL, credit="© A 2023"),
        read("Decent work", summary="One.", published=APRIL, source_item_id="2"),
        read("Decent work", summary=None, published=APRIL, language=None, source_item_id="2"),
    ],
    page=[
        read("Decent work", summary="One.", published=APRIL),
        read("Decent work", summary="One.", published=APRIL, credit="© A 2023"),
        read("Decent works", summary=None, published=APRIL),
        read("Decent works", summary=None, published=date(2023, 4, 2), source_item_id="2"),
    ],
)
def test_any_page_read_twice_adds_nothing_and_alone_changes_nothing(
    rules: ThemeRules, earlier: list[ReadItem], page: list[ReadItem]
) -> None:
    with open_store("sqlite://") as store:
        if earlier:
            take(store, rules, *earlier)
        first = take(store, rules, *page)
        before = stored(store)
        second = take(store, rules, *page, now=LATER)
        assert second.added == 0
        assert earlier or stored(store) == before
        for report in (first, second):
            assert report.read == sum(counts(report)) == len(page)


# ------------------------------------------------------------------ others write meanwhile


class _Raced(Store):
    """A database into which another process stores a reading just before this one writes."""

    def __init__(self, path: Path, race: Callable[[], object]) -> None:
        super().__init__(path)
        self.race: Callable[[], object] | None = race

    @contextmanager
    def writing(self, *, patience_ms: int | None = None) -> Iterator[Connection]:
        race, self.race = self.race, None
        if race is not None:
            race()
        with super().writing(patience_ms=patience_ms) as connection:
            yield connection


def test_items_that_another_process_stores_meanwhile_are_not_stored_again(
    tmp_path: Path, rules: ThemeRules
) -> None:
    items = [read(f"Title {n}", link=f"https://h.org/{n}") for n in range(3)]
    with open_store(f"sqlite:///{tmp_path / 'news.db'}") as other:
        with _Raced(tmp_path / "news.db", lambda: take(other, rules, *items)) as raced:
            assert counts(take(raced, rules, *items)) == (0, 0, 3, 0)
        assert len(stored(other)) == 3

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from sse_digest.errors import SourceError
from sse_digest.model.items import Precision, Reading, ReadItem
from sse_digest.model.reading_stats import DriftAlarm, PageSignals
from sse_digest.model.significant_change import is_cut_off
from sse_digest.sources import KINDS
from sse_digest.sources.html.page_checks import page_signs
from sse_digest.sources.ledger.drift import Baseline, judge, shape_of
from sse_digest.sources.ledger.matching import keys_of, match, mint_id, without_doubles
from sse_digest.sources.page import Page
from sse_digest.store.news.items import KnownItem
from sse_digest.store.news.sightings import Sighting
from tests.options import source_options
from tests.sources.mutations import LAYOUTS, TODAY, Layout, benign, breaking, dated, listing, pool, rebuilt
from tests.sources.mutations_later import benign_later, breaking_later

EARLIER = datetime(2024, 6, 1, 12, tzinfo=UTC)
NEWEST = date(2024, 5, 30)
SIGNS = PageSignals(closed=True)


@dataclass(frozen=True, slots=True)
class Memory:
    """What is known of a source after its page was read some times."""

    past: Baseline
    known: Mapping[str, KnownItem]


def read_page(layout: Layout, html: str) -> Reading:
    page = Page(data=html.encode(), place="page", url="https://www.ilo.org/news")
    reading = KINDS["html"](
        page, source_options(name="news", kind="html", preset=layout.preset, selectors=layout.selectors)
    )
    return replace(reading, signs=page_signs(page))


def remember(items: Sequence[ReadItem], signs: PageSignals = SIGNS, times: int = 3) -> Memory:
    known: dict[str, KnownItem] = {}
    listed: dict[str, Sighting] = {}
    for position, item in enumerate(items):
        item_id = mint_id(item, source="news", taken=known)
        known[item_id] = KnownItem(
            id=item_id,
            source="news",
            group=item_id,
            language=item.language,
            summary=item.summary,
            keys=keys_of(item),
        )
        words = ("link", "kicker", "section", "title", "summary", "published", "date_text")
        listed[item_id] = Sighting(
            item_id=item_id,
            source="news",
            position=position,
            said="",
            first_seen=EARLIER,
            last_seen=EARLIER,
            **{name: getattr(item, name) for name in words},
        )
    return Memory(Baseline(shapes=(shape_of(items, signs, TODAY),) * times, listed=listed), known)


NOTHING = Memory(Baseline(), {})


def alarms(
    memory: Memory, items: Sequence[ReadItem], signs: PageSignals = SIGNS, **more: bool
) -> tuple[DriftAlarm, ...]:
    matches = match(items, memory.known.values(), source="news")
    return judge(matches, signs=signs, past=memory.past, today=TODAY, **more)


def signals(memory: Memory, items: Sequence[ReadItem], signs: PageSignals = SIGNS, **more: bool) -> set[str]:
    return {alarm.signal for alarm in alarms(memory, items, signs, **more)}


NEWS = listing(pool("en")[:8], NEWEST)
SPARE = pool("en")[8:40]


def cases() -> Iterator[tuple[str, Layout, int]]:
    for name, layout in LAYOUTS.items():
        for seed in range(2):
            yield name, layout, seed


def started(seed: int, layout: Layout) -> tuple[list[ReadItem], list[ReadItem], random.Random]:
    rng = random.Random(seed)
    items = rng.sample(pool("en"), 33)
    return listing(items[:9], NEWEST), items[9:], rng


def as_read(items: Sequence[ReadItem]) -> list[ReadItem]:
    """What must be right: all but warnings, which only people see."""
    return [replace(item, warnings=(), section=None) for item in items]


# ------------------------------------------------------------------ mutated pages


@pytest.mark.slow
def test_breaking_mutations_raise_the_alarm_and_none_publishes_a_wrong_item(
    proof: Callable[[str, str], None],
) -> None:
    total, quiet = 0, []
    for name, layout, seed in cases():
        items, _, rng = started(seed, layout)
        before = read_page(layout, layout.build(items))
        memory = remember(before.items, before.signs)
        for mutation, html in breaking(layout, items, rng):
            try:
                reading = read_page(layout, html)
            except SourceError:
                total += 1
                continue
            if as_read(reading.items) == as_read(before.items):
                continue  # not breaking in this layout: all items are still given exactly
            total += 1
            if not alarms(memory, reading.items, reading.signs):
                quiet.append(f"{name}: {mutation}")
                wrong = [item for item in as_read(reading.items) if item not in as_read(before.items)]
                assert not wrong, f"{name}: {mutation} would publish {wrong[0]}"
    proof("mutated listings", f"{total - len(quiet)} of {total} breaking mutations raise the alarm")
    assert total >= 200
    assert len(quiet) <= 0.05 * total, quiet


@pytest.mark.slow
def test_benign_variants_never_raise_the_alarm(proof: Callable[[str, str], None]) -> None:
    total = 0
    for name, layout, seed in cases():
        items, spare, rng = started(seed, layout)
        before = read_page(layout, layout.build(items))
        memory = remember(before.items, before.signs)
        for variant, html in benign(layout, items, spare, rng):
            reading = read_page(layout, html)
            found = alarms(memory, reading.items, reading.signs)
            assert not found, f"{name}: {variant}: {found}"
            total += 1
    proof("benign listings", f"{total} benign variants, no false alarm")
    assert total >= 500


def is_published_rightly(read: ReadItem, before: Reading) -> bool:
    """Return whether nothing wrong comes of an item: a text that breaks off never replaces the whole one."""
    for item in before.items:
        if item.link == read.link and item.published == read.published:
            texts = ((item.title, read.title), (item.summary, read.summary))
            return all(was == now or is_cut_off(was, now) for was, now in texts)
    return False


@pytest.mark.slow
def test_mutations_made_later_raise_the_alarm_and_none_publishes_a_wrong_item(
    proof: Callable[[str, str], None],
) -> None:
    total, quiet = 0, []
    for name, layout, seed in cases():
        items, spare, rng = started(seed, layout)
        before = read_page(layout, layout.build(items))
        memory = remember(before.items, before.signs)
        for mutation, html in breaking_later(layout, items, spare, rng):
            try:
                reading = read_page(layout, html)
            except SourceError:
                total += 1
                continue
            bare = {replace(item, date_text=None) for item in as_read(before.items)}
            if {replace(item, date_text=None) for item in as_read(reading.items)} == bare:
                continue  # not breaking in this layout: its dates are also said to machines
            total += 1
            if not alarms(memory, without_doubles(reading.items), reading.signs):
                quiet.append(f"{name}: {mutation}")
                wrong = [item for item in reading.items if not is_published_rightly(item, before)]
                assert not wrong, f"{name}: {mutation} would publish {wrong[0]}"
    proof("listings mutated later", f"{total - len(quiet)} of {total} breaking mutations raise the alarm")
    assert total >= 200
    assert len(quiet) <= 0.05 * total, quiet


@pytest.mark.slow
def test_variants_made_later_never_raise_the_alarm(proof: Callable[[str, str], None]) -> None:
    total = 0
    for name, layout, seed in cases():
        items, spare, rng = started(seed, layout)
        before = read_page(layout, layout.build(items))
        memory = remember(before.items, before.signs)
        for variant, html in benign_later(layout, items, spare, rng):
            reading = read_page(layout, html)
            found = alarms(memory, without_doubles(reading.items), reading.signs)
            assert not found, f"{name}: {variant}: {found}"
            total += 1
    proof("benign listings made later", f"{total} benign variants, no false alarm")
    assert total >= 500


def test_pages_of_real_news_raise_the_alarm_when_rebuilt_and_none_as_they_are(
    shared_data: Path, proof: Callable[[str, str], None]
) -> None:
    total, quiet = 0, []
    for path in sorted(shared_data.glob("news/html/*/*.html")):
        layout = next(one for one in LAYOUTS.values() if (one.preset == "ilo") == (path.parent.name == "new"))
        html = path.read_text(encoding="utf-8")
        before = read_page(layout, html)
        memory = remember(before.items, before.signs)
        assert not signals(NOTHING, before.items, before.signs)
        assert not signals(memory, before.items, before.signs)
        for mutation, text in rebuilt(html, random.Random(path.name)):
            try:
                reading = read_page(layout, text)
            except SourceError:
                total += 1
                continue
            if as_read(reading.items) == as_read(before.items):
                continue
            total += 1
            if not alarms(memory, reading.items, reading.signs):
                quiet.append(f"{path.name}: {mutation}")
    proof("rebuilt pages of real news", f"{total - len(quiet)} of {total} raise the alarm")
    assert len(quiet) <= 0.05 * total, quiet


# ------------------------------------------------------------------ one sign at a time


def without_date(item: ReadItem) -> ReadItem:
    return replace(item, published=None, precision=Precision.NONE, date_text=None)


def test_an_empty_list_alarms_only_where_the_last_three_readings_gave_three_items_each() -> None:
    assert signals(remember(NEWS), []) == {"empty"}
    assert signals(remember(NEWS, times=2), []) == set()
    assert signals(remember(NEWS[:2]), []) == set()
    assert signals(NOTHING, []) == set()
    assert signals(remember(NEWS), [], may_be_empty=True) == set()


def test_a_page_that_never_was_whole_is_taken_as_it_always_was() -> None:
    cut, guarded = PageSignals(closed=False), PageSignals(closed=True, guard="error page")
    for signs, signal in ((cut, "truncated"), (guarded, "guard")):
        assert signals(NOTHING, NEWS, signs) == {signal}
        assert signals(remember(NEWS), NEWS, signs) == {signal}
        assert signals(remember(NEWS, signs), NEWS, signs) == set()


def test_a_first_reading_is_held_to_what_no_page_may_be() -> None:
    assert signals(NOTHING, NEWS) == set()
    assert signals(NOTHING, [without_date(item) for item in NEWS]) == set()
    assert "titles missing" in signals(NOTHING, [replace(item, title=None) for item in NEWS])
    assert "dates equal" in signals(NOTHING, [dated(item, TODAY) for item in NEWS])
    assert "titles equal" in signals(NOTHING, [replace(item, title="More") for item in NEWS])
    same = [replace(item, title="More", link="https://h.org/") for item in NEWS]
    assert "links equal" in signals(NOTHING, same)


def test_one_item_that_lost_its_title_or_link_alarms_where_none_ever_did() -> None:
    one = NEWS[:1]
    assert "titles missing" in signals(remember(NEWS), [replace(one[0], title=None)])
    assert "links missing" in signals(remember(NEWS), [replace(one[0], link=None)])
    assert signals(remember(NEWS), [without_date(one[0])]) == set()


def test_a_source_that_never_gave_dates_or_links_may_go_on_so() -> None:
    bare = [replace(without_date(item), link=None) for item in NEWS]
    assert signals(remember(bare), bare) == set()


def test_news_of_one_day_are_no_alarm_where_they_always_were_of_one_day() -> None:
    day = [dated(item, NEWEST) for item in NEWS]
    assert signals(remember(day), [dated(item, TODAY) for item in SPARE[:5]]) == set()


def test_the_language_alarms_only_where_it_was_one_before() -> None:
    french = [replace(item, language="fr") for item in listing(SPARE[:6], TODAY)]
    mixed = [replace(item, language="fr") if n % 2 else item for n, item in enumerate(NEWS)]
    assert signals(remember(NEWS), french) == {"language"}
    assert signals(remember(mixed), french) == set()
    assert signals(remember(NEWS), [replace(item, language=None) for item in french]) == set()


def test_a_menu_read_as_news_alarms_by_its_number() -> None:
    menu = [
        replace(item, title=f"{item.title} {n}", link=f"https://h.org/{n}")
        for n, item in enumerate(listing(SPARE[:1] * 90, TODAY, 0))
    ]
    assert "count" in signals(remember(NEWS), menu)


def test_items_that_vanish_between_others_alarm_but_not_those_that_new_ones_push_out() -> None:
    holes = [item for n, item in enumerate(NEWS) if n % 2 == 1]
    assert "lost" in signals(remember(NEWS), holes)
    assert signals(remember(NEWS), NEWS[:3]) == set()
    pinned = [*listing(SPARE[:7], TODAY, 1), NEWS[-1]]
    assert signals(remember(NEWS), pinned) == set()


def test_another_page_in_the_same_layout_alarms() -> None:
    other = listing(SPARE[:8], NEWEST)
    assert "never seen" in signals(remember(NEWS), other)
    assert signals(remember([without_date(item) for item in NEWS]), SPARE[:0] + NEWS[:3]) == set()


def test_every_alarm_says_what_was_seen_in_numbers() -> None:
    found = alarms(remember(NEWS), [replace(without_date(item), title="More") for item in NEWS])
    assert {alarm.signal for alarm in found} >= {"dates missing", "titles changed", "titles equal"}
    assert all(any(map(str.isdigit, alarm.text)) for alarm in found)


def pictured(items: Sequence[ReadItem], name: str = "{}") -> list[ReadItem]:
    return [replace(one, image_url=f"https://h.org/{name.format(n)}.jpg") for n, one in enumerate(items)]


def test_pictures_that_are_lost_or_all_one_alarm_where_each_had_its_own() -> None:
    past = remember(pictured(NEWS))
    assert signals(past, pictured(NEWS)) == set()
    assert signals(past, NEWS) == {"images missing"}
    assert signals(past, pictured(NEWS, "blank")) == {"images equal"}
    assert signals(past, [*NEWS[:2], *pictured(NEWS)[2:]]) == set()
    assert signals(NOTHING, pictured(NEWS, "blank")) == set()  # one sign for all, as it always was
    assert signals(remember(pictured(NEWS, "blank")), pictured(NEWS, "blank")) == set()


def test_texts_that_break_off_alarm_where_they_were_whole() -> None:
    cut = [replace(item, title=f"{(item.title or '')[:9]}…") for item in NEWS]
    assert signals(remember(NEWS), [*cut[:2], *NEWS[2:]]) == {"titles cut"}
    assert signals(remember(NEWS), [*cut[:1], *NEWS[1:]]) == set()
    assert signals(remember(cut), cut) == set()
    brief = [replace(item, summary=f"{(item.summary or '')[:9]} [...]") for item in NEWS]
    assert "summaries cut" in signals(remember(NEWS), brief)


@pytest.mark.parametrize(
    "spoilt",
    [
        *("Workersâ€™ rights", "La coopÃ©rative", "Ð°Ð±", "R\ufffdunion"),
        *("Bread &amp;amp; roses", "{{ title }}", "A&#8217;s"),
    ],
)
def test_words_that_were_spoilt_on_the_way_alarm(spoilt: str) -> None:
    bad = [replace(item, title=f"{spoilt} {n}") for n, item in enumerate(SPARE[:2])]
    assert "garbled" in signals(remember(NEWS), listing([*bad, *SPARE[2:5]], TODAY, 1))
    assert "garbled" in signals(NOTHING, listing([*bad, SPARE[2]], NEWEST, 1))
    assert signals(NOTHING, listing([*bad, *SPARE[2:5]], NEWEST, 1)) == set()


@pytest.mark.parametrize(
    "sound", ["Île-de-France", "Ânimo! É hoje", "AT&T; R&D", "100 % {new}", "Âge d’or", "Øl og brød"]
)
def test_words_that_only_look_spoilt_do_not(sound: str) -> None:
    good = [replace(item, title=f"{sound} {n}") for n, item in enumerate(SPARE[:4])]
    assert signals(remember(NEWS), listing(good, TODAY, 1)) == set()


def test_days_to_come_alarm_where_all_were_past() -> None:
    soon = listing(SPARE[:5], date(2024, 8, 1), 3)
    assert signals(remember(NEWS), soon) == {"ahead"}
    assert signals(remember(NEWS), [soon[0], *NEWS]) == set()
    assert signals(remember(soon), listing(SPARE[5:9], date(2024, 8, 20), 3)) == set()


def test_new_things_without_a_date_alarm_where_every_item_had_one() -> None:
    cards = [without_date(item) for item in SPARE[:3]]
    assert signals(remember(NEWS), [*NEWS, *cards]) == {"new dates missing"}
    assert signals(remember(NEWS), [*NEWS, *cards[:1]]) == set()
    mixed = [without_date(item) if n % 3 else item for n, item in enumerate(NEWS)]
    assert signals(remember(mixed), [*mixed, *cards]) == set()


def test_an_item_that_lost_its_text_and_half_its_title_alarms_alone() -> None:
    torn = replace(NEWS[2], title="News >and more", summary=None)
    assert "titles and no summaries changed" in signals(remember(NEWS), [*NEWS[:2], torn])


def test_an_old_copy_of_the_page_alarms_and_new_items_that_push_others_out_do_not() -> None:
    old = listing(SPARE[:4], date(2024, 4, 1))
    assert "lost" in signals(remember(NEWS), [*NEWS[4:], *old])
    fresh = listing(SPARE[:4], TODAY, 1)
    assert signals(remember(NEWS), [*fresh, *NEWS[:4]]) == set()


def test_a_first_reading_may_have_one_link_for_all_items() -> None:
    assert signals(NOTHING, [replace(item, link="https://h.org/") for item in NEWS]) == set()
    parts = [replace(item, title="More", link=f"https://h.org/#n{n}") for n, item in enumerate(NEWS)]
    assert "links equal" not in signals(NOTHING, parts)


def test_items_with_own_ids_may_share_their_links() -> None:
    items = [replace(item, source_item_id=f"{n}", link="https://h.org/") for n, item in enumerate(NEWS)]
    assert signals(NOTHING, [replace(item, title="Newsletter") for item in items]) == set()
    before = [replace(item, link=f"https://h.org/{item.source_item_id}") for item in items[:4]]
    assert "links equal" not in signals(remember(before), [*items[4:], *before])


def test_menus_among_the_items_alarm_by_their_links() -> None:
    signs, menus = PageSignals(closed=True, links=9), PageSignals(closed=True, links=90)
    assert signals(remember(NEWS, signs), NEWS, menus) == {"text to links"}
    assert signals(remember(NEWS, signs), NEWS, PageSignals(closed=True, links=27)) == set()
    assert signals(remember(NEWS, menus), NEWS, menus) == set()
    assert signals(remember(NEWS), NEWS, menus) == set()


@pytest.mark.parametrize(
    ("title", "guard"),
    [
        ("Sign in | Example", "sign-in page"),
        ("Example - 404 Not Found", "error page"),
        ("503 Service Unavailable", "error page"),
        ("Site under maintenance", "maintenance page"),
        ("Just a moment...", "challenge of a guard against robots"),
        ("Before you continue", "cookie wall"),
        ("Página no encontrada", "error page"),
        ("News", None),
        ("How to sign in to a union", None),
        ("Maintenance workers on strike", None),
        ("404 cooperatives founded", None),
    ],
)
def test_a_page_names_itself_in_its_title_or_first_heading(title: str, guard: str | None) -> None:
    for html in (f"<html><title>{title}</title></html>", f"<body class=x><h1><b>{title}</b></h1></body>"):
        for data in (html.encode(), b"\xff\xfe" + html.encode("utf-16-le")):
            assert page_signs(Page(data=data, place="page")) == PageSignals(closed=True, guard=guard)


def test_what_is_no_html_document_has_no_signs() -> None:
    for data in (b"1. News", b"<p>Sign in</p>", b"<rss><title>Sign in</title>", b"\xff\x00\x80"):
        assert page_signs(Page(data=data, place="page")) == PageSignals()


def test_a_document_that_breaks_off_is_not_closed() -> None:
    assert page_signs(Page(data=b"<html><body><p>New", place="page")).closed is False
    twice = b"<!DOCTYPE html><html><body><p>New" * 2 + b"</body></html>"
    assert page_signs(Page(data=twice, place="page")).closed is False
    assert page_signs(Page(data=b"<html><p>News</HTML >\n<!-- x -->", place="page")).closed is True

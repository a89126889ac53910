"""Archives: walking them gives every item, and what is closed stays as it is."""

import json
import random
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from sse_digest.feeds.validation.validate import ValidationContext, approve
from sse_digest.model.items import Item, ThemeDecision
from tests.builders import NOON, make_item
from tests.feeds.documents import documents_for
from tests.feeds.feeds import OPTIONS, TAG
from tests.feeds.rules import ATOM, parse

NOW = datetime(2024, 1, 1, tzinfo=UTC)
OPTIONS_OF_TEN = replace(OPTIONS, range_length=10, newest=3)
AT = "https://news.example.org/feeds/"


def published(items: Iterable[Item], kept: Collection[str] = ()) -> dict[str, bytes]:
    return documents_for(items, OPTIONS_OF_TEN, TAG, kept=kept)


def seen(number: int, **changes: object) -> Item:
    """An item first seen in the hour of its number."""
    moment = NOON + timedelta(hours=number)
    themes = ("youth",) if number % 3 else ("cooperatives",)
    values: dict[str, object] = {"first_seen": moment, "updated": moment, "themes": themes}
    return make_item(number, **{**values, **changes})


def links(document: bytes) -> dict[str, str]:
    root = parse(document)
    found = root.iterfind(f"{ATOM}link") if root.tag != "rss" else root.iterfind(f"channel/{ATOM}link")
    return {link.get("rel"): link.get("href") for link in found if link.get("rel") != "alternate"}


def ids(name: str, document: bytes) -> list[str]:
    if name.endswith(".json"):
        return [item["id"] for item in json.loads(document)["items"]]
    root = parse(document)
    return [element.text for element in root.iter("guid")] or [
        entry.findtext(f"{ATOM}id") for entry in root.iterfind(f"{ATOM}entry")
    ]


def walk(documents: Mapping[str, bytes], name: str) -> Iterator[str]:
    """The names of a feed and of all its archives, as a reader finds them."""
    here: str | None = name
    while here is not None:
        yield here
        body = documents[here]
        there = json.loads(body).get("next_url") if name.endswith("json") else links(body).get("prev-archive")
        here = there.removeprefix(AT) if there else None


@pytest.mark.parametrize("format_", ["atom", "rss", "json"])
@pytest.mark.parametrize("feed", ["all", "all.fr", "youth", "cooperatives.fr"])
def test_walking_back_from_a_feed_meets_every_item_of_it(feed: str, format_: str) -> None:
    chance = random.Random(7)
    items = [
        seen(number, language=chance.choice(("en", "fr")), hidden=number % 13 == 0) for number in range(57)
    ]
    documents = published(items)
    theme, _, language = feed.partition(".")
    wanted = {
        TAG.item(item.id)
        for item in items
        if not item.hidden and theme in ("all", item.decision.primary) and language in ("", item.language)
    }

    walked = list(walk(documents, f"{feed}.{format_}"))
    found = [entry for name in walked for entry in ids(name, documents[name])]

    assert len(walked) > 2
    assert set(found) == wanted
    archived = [entry for name in walked[1:] for entry in ids(name, documents[name])]
    assert len(archived) == len(set(archived))


def test_a_subscription_holds_what_is_not_archived_and_what_was_last_updated() -> None:
    items = [seen(number) for number in range(24)]
    items[2] = replace(items[2], updated=NOON + timedelta(days=9))
    items[4] = replace(items[4], updated=NOON + timedelta(days=8))

    found = set(ids("all.atom", published(items)["all.atom"]))

    assert found == {TAG.item(items[number].id) for number in (2, 4, 20, 21, 22, 23)}


def test_archives_are_marked_and_name_what_is_beside_them() -> None:
    documents = published(seen(number) for number in range(31))

    assert links(documents["all.atom"]) == {
        "self": f"{AT}all.atom",
        "prev-archive": f"{AT}all.archive-3.atom",
    }
    for ending in ("atom", "rss"):
        assert links(documents[f"all.archive-2.{ending}"]) == {
            "self": f"{AT}all.archive-2.{ending}",
            "current": f"{AT}all.{ending}",
            "prev-archive": f"{AT}all.archive-1.{ending}",
            "next-archive": f"{AT}all.archive-3.{ending}",
        }
        assert b"<fh:archive/>" in documents[f"all.archive-2.{ending}"]
        assert b"<fh:archive/>" not in documents[f"all.{ending}"]
    assert "prev-archive" not in links(documents["all.archive-1.atom"])
    last = json.loads(documents["all.archive-3.json"])
    assert (last["feed_url"], last["next_url"]) == (f"{AT}all.json", f"{AT}all.archive-2.json")


def archives(documents: Mapping[str, bytes]) -> dict[str, bytes]:
    return {name: body for name, body in documents.items() if ".archive-" in name}


def test_closed_archives_stay_byte_for_byte_whatever_comes_later() -> None:
    items = [seen(number) for number in range(31)]
    before = published(items)
    later = published([*items, *(seen(number, language="de") for number in range(31, 45))], before)

    changed = {name for name, body in archives(before).items() if later[name] != body}

    # Only the last archive of a feed changes, once: it learns which one follows it.
    assert {name.partition(".archive-")[2].partition(".")[0] for name in changed} == {"3"}
    assert all(links(later[name]).get("next-archive") for name in changed if not name.endswith("json"))
    assert not any(name.endswith("json") for name in changed)


def test_an_edited_item_changes_only_the_documents_that_hold_it() -> None:
    items = [seen(number) for number in range(31)]
    before = published(items)
    items[12] = replace(items[12], title="Edited", updated=NOON + timedelta(days=20))
    after = published(items, before)

    assert {name for name in archives(after) if after[name] != before[name]} == {
        f"{feed}.archive-2.{ending}"
        for feed in ("all", "all.en", "cooperatives", "cooperatives.en")
        for ending in ("atom", "rss", "json")
    }
    assert TAG.item(items[12].id) in ids("all.atom", after["all.atom"])


def test_a_hidden_item_leaves_its_archive_and_moves_no_other() -> None:
    items = [seen(number) for number in range(31)]
    before = published(items)
    items[12] = replace(items[12], hidden=True)
    after = published(items, before)

    left = set(ids("a", before["all.archive-2.atom"])) - set(ids("a", after["all.archive-2.atom"]))
    assert left == {TAG.item(items[12].id)}
    assert before["all.archive-1.atom"] == after["all.archive-1.atom"]


def test_an_archive_that_lost_all_its_items_stays_in_the_chain() -> None:
    items = [seen(number, themes=("youth",) if number < 5 else ("other",)) for number in range(31)]
    before = published(items)
    other = ThemeDecision(themes=("other",), primary="other")
    after = published([replace(item, decision=other) for item in items], before)

    assert ids("youth.archive-1.atom", after["youth.archive-1.atom"]) == []
    assert list(walk(after, "youth.rss")) == ["youth.rss", "youth.archive-1.rss"]


@pytest.mark.slow
def test_every_generation_of_a_growing_ledger_passes_the_gate() -> None:
    chance = random.Random(3)
    items: list[Item] = []
    before: dict[str, bytes] = {}
    for step in range(12):
        first = len(items)
        items += [
            seen(
                number,
                language=chance.choice(("en", "fr", "ar", None)),
                link=chance.choice((None, f"https://a.example/{number}")),
                published=chance.choice((None, date(2023, 4, 1), date(1919, 1, 1))),
            )
            for number in range(first, first + chance.randint(0, 8))
        ]
        if items:
            place = chance.randrange(len(items))
            moment = NOON + timedelta(days=30 + step)
            items[place] = replace(
                items[place], title=f"Edited {step}", updated=moment, hidden=chance.random() < 0.3
            )
        after = published(items, before)
        known = {TAG.item(item.id) for item in items}
        approve(after, before.get, ValidationContext(known=known, now=NOW))
        assert set(archives(before)) <= set(archives(after))
        before = after

"""Items keep their ids through publishers' edits, and no two pieces of news become one: counted."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from random import Random
from typing import Literal

import pytest

from sse_digest.model.items import Precision, ReadItem
from sse_digest.sources.ledger.matching import keys_of, match, mint_id
from sse_digest.store.news.items import KnownItem
from tests.sources.series import EDITS, news

Effort = Literal["ci", "full"]
OPEN = Path(__file__).parents[4] / "shared" / "data" / "news" / "pages"
_PAGE = 40


def store(items: Sequence[ReadItem]) -> dict[ReadItem, KnownItem]:
    """Take every item for a new one, as if all came at once."""
    found: dict[ReadItem, KnownItem] = {}
    taken: set[str] = set()
    for item in items:
        item_id = mint_id(item, source="news", taken=taken)
        taken.add(item_id)
        found[item] = known(item, item_id)
    return found


def known(item: ReadItem, item_id: str) -> KnownItem:
    return KnownItem(
        id=item_id,
        source="news",
        group=item_id,
        language=item.language,
        summary=item.summary,
        link=item.link,
        keys=keys_of(item),
    )


def merged(items: Sequence[ReadItem]) -> list[tuple[str | None, str]]:
    """Read items page by page, each for the first time; return those taken for another, and which."""
    stored: list[KnownItem] = []
    found: list[tuple[str | None, str]] = []
    for start in range(0, len(items), _PAGE):
        page = items[start : start + _PAGE]
        matches = match(page, stored, source="news")
        found += [(one.read.title, one.known.keys.heading) for one in matches if one.known is not None]
        stored += [known(item, f"{start}-{number}") for number, item in enumerate(page)]
    return found


def test_an_edited_item_keeps_its_id(effort: Effort, proof: Callable[[str, str], None]) -> None:
    items = news(10_000 if effort == "full" else 1_000)
    stored, random = store(items), Random(7)
    kept, edits = Counter[str](), Counter[str]()
    for start in range(0, len(items), _PAGE):
        chosen = [(item, random.choice(tuple(EDITS))) for item in items[start : start + _PAGE]]
        page = [EDITS[name](item, random) for item, name in chosen]
        for (item, name), one in zip(chosen, match(page, stored.values(), source="news"), strict=True):
            edits[name] += 1
            kept[name] += one.known is stored[item]
    lost = {name: edits[name] - kept[name] for name in edits if edits[name] != kept[name]}
    assert kept.total() >= 0.99 * edits.total(), lost
    assert all(kept[name] >= 0.97 * edits[name] for name in EDITS), lost
    proof(
        "Identity, edits",
        f"{kept.total()} of {edits.total()} edited items keep their id; lost: {lost or 'none'}",
    )


def test_no_two_pieces_of_news_become_one(effort: Effort, proof: Callable[[str, str], None]) -> None:
    items = news(10_000 if effort == "full" else 1_500, seed=3)
    assert merged(items) == []
    proof(
        "Identity, merges", f"{len(items)} different pieces of news in series and translations: none merged"
    )


def test_the_numbers_of_a_series_stay_apart() -> None:
    series = [
        ReadItem(
            title=f"{number}th Regular Meeting of the Committee",
            published=date(2024, 3, 7),
            precision=Precision.DAY,
        )
        for number in range(40, 80)
    ]
    assert merged(series[::2] + series[1::2]) == []


@pytest.mark.skipif(not OPEN.is_dir(), reason="needs the folder of shared data beside the project")
def test_nothing_on_the_open_pages_becomes_one_with_other_news() -> None:
    for path in sorted(OPEN.glob("*.json")):
        expected = json.loads(path.read_text(encoding="utf-8"))
        items = [_expected(one, path.stem[:2]) for one in expected["items"]]
        different = list({(item.title, item.published, item.summary): item for item in items}.values())
        found = [pair for pair in merged(different[::2] + different[1::2]) if pair[0] != pair[1]]
        assert found == [], path.name


def _expected(said: dict[str, str | None], language: str) -> ReadItem:
    day = said.get("published") or said.get("date")
    exact = day is not None and len(day) == len("2024-03-07")
    return ReadItem(
        title=said.get("title"),
        summary=said.get("summary"),
        published=date.fromisoformat(day) if day and exact else None,
        precision=Precision.DAY if exact else Precision.NONE,
        date_text=day,
        language=said.get("language") or language,
        link=said.get("link"),
    )

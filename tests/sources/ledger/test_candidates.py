import random
from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from sse_digest.model.items import Precision, Reading, ReadItem
from sse_digest.model.theme_rules import ThemeRules, parse_rules
from sse_digest.sources.ledger.ingest import ingest
from sse_digest.sources.ledger.matching import could_match, match, without_doubles
from sse_digest.store import Store
from sse_digest.store.news.items import known_items
from tests.builders import NOON


@pytest.fixture(scope="module")
def rules() -> ThemeRules:
    themes = {"other": {"rank": 1, "labels": {"en": "Other"}, "fallback": True}}
    return parse_rules({"themes": themes}, where="test")


def reading(dice: random.Random, count: int) -> Sequence[ReadItem]:
    """Items of few words, days, links and ids, so that they meet in every way there is."""
    items = []
    for _ in range(count):
        day = None if dice.random() < 0.3 else date(2023, 1, 1) + timedelta(days=dice.randrange(8))
        number = dice.randrange(60)
        items.append(
            ReadItem(
                title=f"{dice.choice(['The meeting', 'A dairy', 'Youth'])} {dice.randrange(9)}",
                summary=f"Summary {dice.randrange(3)}",
                published=day,
                precision=Precision.NONE if day is None else Precision.DAY,
                date_text=dice.choice([None, "soon", "in spring"]) if day is None else str(day),
                language=dice.choice(["en", "fr", None]),
                link=dice.choice(
                    [None, f"https://e.org/{number}", f"https://e.org/news/WCMS_{100000 + number}"]
                ),
                source_item_id=dice.choice([None, None, f"key-{dice.randrange(40)}"]),
            )
        )
    return without_doubles(items)


def test_what_is_looked_for_is_all_that_matching_needs(store: Store, rules: ThemeRules) -> None:
    dice = random.Random(5)
    for source in ("news", "other", "news"):
        ingest(store, source, Reading(items=tuple(reading(dice, 150))), now=NOON, rules=rules)
    with store.reading() as connection:
        every = known_items(connection)
        fewer = set()
        for _ in range(40):
            items = reading(dice, 6)
            known = known_items(connection, could_match(items))
            assert match(items, known, source="news") == match(items, every, source="news")
            fewer.add(len(known) < len(every))
    assert True in fewer

"""Items that nobody would expect and that all come one day, the same ones in every run."""

import random
from datetime import date, timedelta

from sse_digest.model.items import Item, Precision
from tests.builders import NOON, make_item

PIECES = (
    *(
        "news",
        "Genève",
        "أخبار",
        "חדשות",
        "新闻",
        "👩🏽‍🌾🇫🇷",
        "S&P500",
        "<b>",
        "</p>",
        "&nbsp;",
        "]]>",
        "<!--",
        "&#0;",
    ),
    *(
        "\x00",
        "\x1b",
        "\x85",
        "\ud83d",
        "\udc00",
        "\ufffe",
        "\ufffd",
        "\u202e",
        "\u2067",
        "Ã©",
        "Â ",
        "\u200b",
        "\n\t",
    ),
    *("<script>alert(1)</script>", '" onclick="x', "%", "é", "{{ 7 * 7 }}", "http://[", "x" * 300),
)


def odd_items(count: int) -> list[Item]:
    """Make items of odd texts, dates and links."""
    chance = random.Random(20230420)

    def words() -> str | None:
        return chance.choice((None, " ".join(chance.choices(PIECES, k=chance.randint(0, 9)))))

    def day() -> date:
        return date.fromordinal(
            chance.choice((chance.randint(1, 3_652_059), 738_600 + chance.randint(-900, 20)))
        )

    return [
        make_item(
            number,
            **{field: words() for field in ("title", "summary", "kicker", "place", "date_text")},
            link=chance.choice((None, f"https://a.example/{words()}", words())),
            language=chance.choice(("en", "fr", "es", "ar", "he", None, "zz")),
            published=day(),
            precision=chance.choice(list(Precision)),
            first_seen=NOON + timedelta(seconds=chance.randint(0, 3)),
            updated=NOON + timedelta(seconds=chance.randint(3, 6)),
            themes=chance.choice((("youth",), ("cooperatives", "youth"), ("other",))),
        )
        for number in range(count)
    ]

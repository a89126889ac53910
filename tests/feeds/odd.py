"""Items that nobody would expect and that all come one day, the same ones in every run."""

import random
from datetime import UTC, date, datetime, time, timedelta

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
BODIES = (
    *PIECES,
    *(
        "<p>A paragraph",
        "<p dir='rtl'>فقرة</p>",
        "<h2>Heading</h2>",
        "<ul><li>one<li>two</ul>",
        "</div></div>",
    ),
    *('<img src="/relative.png">', '<img src="https://a.example/p.jpg" alt="A picture" onerror="x()">'),
    *(
        '<a href="javascript:x()">run</a>',
        '<a href="/relative">there</a>',
        '<a href="https://a.example/é?a=1&b=2">',
    ),
    *("<iframe src='https://a.example'></iframe>", "<style>p{position:fixed}</style>", "<svg onload=x()>"),
    *(
        "&#0;&#x1b;&#xfffe;&#xd83d;",
        "&Atilde;&copy;",
        "<pre>\n\tcode\n</pre>",
        "<table><td>cell",
        "<!-- no -->",
    ),
    *(
        "<p style='color:red' onclick=x()>styled",
        "<b><i>crossed</b></i>",
        "<script>",
        "<math><mi>x",
        "<details open>",
    ),
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

    def markup() -> str | None:
        return chance.choice((None, "".join(chance.choices(BODIES, k=chance.randint(1, 12)))))

    def published(number: int) -> dict[str, object]:
        when = day()
        exact = datetime.combine(when, time(number % 24, number % 60), UTC)
        return {"published": when, "published_at": chance.choice((None, None, exact))}

    return [
        make_item(
            number,
            **{field: words() for field in ("title", "summary", "kicker", "place", "date_text")},
            link=chance.choice((None, f"https://a.example/{words()}", words())),
            language=chance.choice(("en", "fr", "es", "ar", "he", None, "zz")),
            body=markup(),
            image_url=chance.choice(
                (None, f"https://a.example/{words()}.jpg", "https://a.example/é", words())
            ),
            image_alt=words(),
            credit=words(),
            **published(number),
            precision=chance.choice(list(Precision)),
            first_seen=NOON + timedelta(seconds=chance.randint(0, 3)),
            updated=NOON + timedelta(seconds=chance.randint(3, 6)),
            themes=chance.choice((("youth",), ("cooperatives", "youth"), ("other",))),
        )
        for number in range(count)
    ]

"""More of what may become of a listing, made after the detector's thresholds and before it was run on them.

As in `mutations.py`, a mutation is breaking where the reader can no longer give all items exactly, and a
variant is benign where the page's own items are still what it shows.
"""

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from html import escape

from sse_digest.model.items import ReadItem
from tests.sources.mutations import MONTHS, TODAY, Layout, dated, listing

_GARBLED = str.maketrans({"e": "Ã©", "’": "â€™", "a": "Ã¡"})
_FRENCH = (
    *("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre"),
    *("novembre", "décembre"),
)
_DUTCH = {"January": "januari", "February": "februari", "March": "maart", "May": "mei", "June": "juni"}


def breaking_later(
    layout: Layout, items: Sequence[ReadItem], spare: Sequence[ReadItem], rng: random.Random
) -> Iterator[tuple[str, str]]:
    """Yield mutated pages of `items` with the names of their mutations; `spare` were never listed."""
    whole = layout.build(items)
    newest = items[0].published or TODAY
    yield from _walls(whole)
    yield from _texts(layout, items)
    others = listing(spare[: len(items)], newest - timedelta(days=1), 4)
    yield "the list of another section", layout.build(others)
    yield "related news instead", layout.build([*items[:1], *others[:7]])
    yield "half related news", layout.build([x for pair in zip(items, others, strict=False) for x in pair])
    yield "every third item in another dress", _some(layout, items, 3)
    yield "every second item in another dress", _some(layout, items, 2)
    ahead = [dated(item, TODAY + timedelta(days=20 + 9 * n)) for n, item in enumerate(spare[:6])]
    yield "a calendar of events", layout.build(ahead[::-1])
    yield "events before the news", layout.build([*ahead[::-1], *items])
    cards = [replace(item, date_text=None, published=None) for item in spare[:3]]
    yield "a side column in the same dress", layout.build([*items, *cards])
    yield "texts of the next item", layout.build(_shifted(items, "summary"))
    yield "dates of the next item", layout.build(_shifted(items, "date_text"))
    yield "links of the next item", layout.build(_shifted(items, "link"))
    yield "an old copy", layout.build([*items[4:], *_older(items, spare[8:12])])
    yield "a cut in the middle", whole[: len(whole) // 3] + whole[2 * len(whole) // 3 :]
    yield "two pages run together", whole[: len(whole) // 2] + layout.build(others)


def _walls(whole: str) -> Iterator[tuple[str, str]]:
    walls = {
        "consent with a title of its own": (
            "News",
            "<h1>Your choice about cookies</h1><button>Agree</button>",
        ),
        "signed out": ("News", "<h1>News</h1><p>You are logged out. <a href=/in>Sign in</a></p>"),
        "a search without results": ("News", "<h1>News</h1><p>No results for your search.</p>"),
        "only for browsers": ("News", "<noscript>Please enable JavaScript.</noscript><div id=app></div>"),
        "moved": ("News", "<h1>We have moved</h1><p>See <a href=//x.example>our new site</a>.</p>"),
        "blocked where you are": ("News", "<h1>Not available in your region</h1>"),
        "too many requests": ("Too many requests", "<h1>Slow down</h1>"),
        "a page of a host": ("Welcome to nginx!", "<h1>Welcome to nginx!</h1>"),
    }
    for name, (title, body) in walls.items():
        made = re.sub(r"(?s)<main>.*</main>", f"<main>{body}</main>", whole)
        yield name, made.replace("<title>News", f"<title>{title}")


def _texts(layout: Layout, items: Sequence[ReadItem]) -> Iterator[tuple[str, str]]:
    def every(step: int, change: Callable[[ReadItem], ReadItem]) -> str:
        return layout.build([change(item) if n % step == 0 else item for n, item in enumerate(items)])

    for step, part in ((1, "all"), (2, "half"), (3, "a third")):
        yield f"titles cut, {part}", every(step, lambda i: replace(i, title=_cut(i.title, 22, "…")))
        yield f"texts cut, {part}", every(step, lambda i: replace(i, summary=_cut(i.summary, 40, "...")))
        yield (
            f"letters garbled, {part}",
            every(step, lambda i: replace(i, title=(i.title or "").translate(_GARBLED))),
        )
        yield (
            f"letters lost, {part}",
            every(step, lambda i: replace(i, title=re.sub("[aou]", "\ufffd", i.title or ""))),
        )
        yield f"escaped twice, {part}", every(step, lambda i: replace(i, title=escape(_quoted(i.title))))
        yield f"placeholders, {part}", every(step, lambda i: replace(i, title="{{ item.title }}"))
        yield f"a day later, {part}", every(step, lambda i: dated(i, _day(i) + timedelta(days=1)))
        yield f"a year later, {part}", every(step, lambda i: dated(i, _day(i) + timedelta(days=366)))
    yield (
        "dates of a language nobody reads",
        every(
            1, lambda i: replace(i, date_text=_DUTCH.get(MONTHS[_day(i).month - 1], "x") + f" {_day(i).day}e")
        ),
    )
    yield "dates as numbers", every(1, lambda i: replace(i, date_text=f"{_day(i):%m-%d-%y}"))
    yield "no dates but how long ago", every(1, lambda i: replace(i, date_text="2 weeks ago"))


def _cut(text: str | None, length: int, dots: str) -> str | None:
    return text if text is None or len(text) <= length + len(dots) else text[:length] + dots


def _day(item: ReadItem) -> date:
    return item.published or TODAY


def _quoted(title: str | None) -> str:
    return escape(f"“{title}” & more")


def _shifted(items: Sequence[ReadItem], field: str) -> list[ReadItem]:
    following = [*items[1:], items[0]]
    pairs = zip(items, following, strict=True)
    return [replace(one, **{field: getattr(other, field)}) for one, other in pairs]


def _some(layout: Layout, items: Sequence[ReadItem], step: int) -> str:
    """Rename the classes of every so many items, as a site does that tries a new design."""
    parts = layout.build(items)
    for n, item in enumerate(items):
        if n % step == 0:
            entry = layout.dress(item, item.link or "#")
            parts = parts.replace(entry, re.sub(r"(item-title|ilo--card|nw-|c-)", r"v2\1", entry))
    return parts


def _older(items: Sequence[ReadItem], old: Sequence[ReadItem]) -> list[ReadItem]:
    last = items[-1].published or TODAY
    return [dated(item, last - timedelta(days=3 + 4 * n)) for n, item in enumerate(old)]


# ------------------------------------------------------------------ what does not break


def benign_later(
    layout: Layout, items: Sequence[ReadItem], spare: Sequence[ReadItem], rng: random.Random
) -> Iterator[tuple[str, str]]:
    """Yield pages that a reader must take; `spare` are items that were never listed."""
    whole, newest = layout.build(items), items[0].published or TODAY
    fresh = [dated(item, newest + timedelta(days=1 + n)) for n, item in enumerate(spare[:9])][::-1]
    yield "the list twice, word for word", layout.build([*items, *items])
    yield "an old item kept on top", layout.build([items[-1], *items[:-1]])
    yield (
        "months in French",
        layout.build(
            [
                replace(i, date_text=f"{_day(i).day} {_FRENCH[_day(i).month - 1]} {_day(i).year}")
                for i in items
            ]
        ),
    )
    yield "dates in ISO", layout.build([replace(i, date_text=str(i.published)) for i in items])
    yield "written from right to left", whole.replace("<html", '<html dir="rtl"')
    yield "a consent layer over the news", layout.build(items, behind=_LAYER)
    yield "another title of the page", whole.replace("<title>News", "<title>All news and events | Site")
    yield "a summer's quiet: one item, of today", layout.build([dated(spare[0], TODAY)])
    yield "two items of one day", layout.build([*[dated(i, TODAY) for i in spare[:2]], *items])
    yield "a conference: five items of one day", layout.build([*[dated(i, TODAY) for i in spare[:5]], *items])
    yield "an event soon to come", layout.build([dated(spare[0], TODAY + timedelta(days=12)), *items])
    yield (
        "one news in French",
        layout.build(
            [
                dated(
                    replace(spare[0], title="Une coopérative ouvre ses portes à Dakar", summary=_FRENCH_TEXT),
                    TODAY,
                ),
                *items,
            ]
        ),
    )
    yield "one without a text", layout.build([replace(fresh[-1], summary=None), *items])
    yield "one without a date", layout.build([replace(fresh[-1], date_text=None, published=None), *items])
    yield (
        "secure addresses",
        layout.build([replace(i, link=(i.link or "").replace("https://www.", "http://")) for i in items]),
    )
    yield (
        "counted clicks",
        layout.build([replace(i, link=f"{i.link}?utm_source=list&utm_medium=web") for i in items]),
    )
    yield (
        "two titles corrected",
        layout.build(
            [replace(i, title=f"{i.title} today") if n in {1, 4} else i for n, i in enumerate(items)]
        ),
    )
    yield "a text that ends in dots", layout.build([replace(items[0], summary=_first(items[0])), *items[1:]])
    yield "two taken down", layout.build([i for n, i in enumerate(items) if n not in {2, 5}])
    yield (
        "new at the top and two taken down",
        layout.build([*fresh[-2:], *[i for n, i in enumerate(items) if n not in {2, 5}]]),
    )
    yield "many new, mixed with the known of the same days", layout.build([*fresh[:5], *items[:4]])
    yield "all read since a long holiday", layout.build(listing(spare[:7], TODAY, 2))
    yield "shorter news", layout.build([replace(i, summary=_first(i)) for i in fresh[:5]])
    yield "a heading in the list", layout.build(items, before="<h2>This month</h2><p>Read on.</p>")
    yield "minified", re.sub(r">\n+<", "><", whole)
    yield "upper case tags", re.sub(r"(</?)(div|p|li|main)\b", lambda m: m[1] + m[2].upper(), whole)
    yield "lazy pictures", whole.replace("<img src=", '<img loading="lazy" src=')
    yield "a comment in each item", whole.replace("</a>", "</a><!-- item -->")


_LAYER = '<div role="dialog"><h2>We value your privacy</h2><button>Accept all cookies</button></div>'
_FRENCH_TEXT = (
    "Les membres de la coopérative ont travaillé pendant deux ans pour ouvrir leurs portes au public."
)


def _first(item: ReadItem) -> str:
    return (item.summary or "").partition(". ")[0][:160]

"""Listing pages and what may become of them: mutations that break a reader, and variants that do not.

Every page is made of the same pool of items in many dresses. A mutation is breaking where the reader can
no longer give all items exactly; a variant is benign where the page's own items are still what it shows.
"""

import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from sse_digest.model.items import Precision, ReadItem
from tests.sources.dresses import CLASSIC, INVENTED, NEW, Dress, page
from tests.sources.listings import load_listings

TODAY = date(2024, 6, 20)
MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September", "October"),
    *("November", "December"),
)
HOOKS = (
    *("items-list", "item-title", "ilo--card", "ilo--card--title", "ilo--card--link"),
    *("ilo--card--eyebrow", "ilo--card--intro", "ilo--card--date"),
    *("nw-list", "nw-row", "nw-head", "nw-day", "nw-text"),
    *("c-grid", "c-tile", "c-name", "c-when", "c-lead", "c-kind"),
)

_LIST = '<div class="items-list">{}</div>'


@dataclass(frozen=True, slots=True)
class Layout:
    """One dress of a preset, or one that is read by selectors."""

    preset: str | None
    dress: Dress
    around: str = "{}"  # what stands around the items
    selectors: Mapping[str, str] = field(default_factory=dict)

    def build(self, items: Sequence[ReadItem], *, before: str = "", behind: str = "") -> str:
        entries = "\n".join(self.dress(item, item.link or "#") for item in items)
        return page(f"{before}<main>{self.around.format(entries)}</main>{behind}")


LAYOUTS = {
    **{f"classic {name}": Layout("ilo-classic", dress, _LIST) for name, dress in CLASSIC.items()},
    **{f"new {name}": Layout("ilo", dress) for name, dress in NEW.items()},
    **{f"invented {name}": Layout(None, *made) for name, made in INVENTED.items()},
}


def dated(item: ReadItem, day: date) -> ReadItem:
    words = f"{day.day} {MONTHS[day.month - 1]} {day.year}"
    return replace(item, published=day, precision=Precision.DAY, date_text=words)


def pool(language: str) -> list[ReadItem]:
    """Items with title and summary, each title once, each with a link of its own; not yet dated."""
    found: dict[str, ReadItem] = {}
    for listing in load_listings():
        for item in listing.items:
            if item.title and item.summary and item.language == language:
                bare = replace(item, section=None, place=None, credit=None, kicker=item.kicker or "News")
                found.setdefault(item.title, bare)
    return [
        replace(item, link=f"https://www.ilo.org/news/WCMS_{7000 + n}/lang--{language}/index.htm")
        for n, item in enumerate(found.values())
    ]


def listing(items: Sequence[ReadItem], newest: date, step: int = 4) -> list[ReadItem]:
    """The items dated downwards from `newest`."""
    return [dated(item, newest - timedelta(days=step * n)) for n, item in enumerate(items)]


# ------------------------------------------------------------------ what breaks


def breaking(layout: Layout, items: Sequence[ReadItem], rng: random.Random) -> Iterator[tuple[str, str]]:
    """Yield mutated pages of `items` with the names of their mutations."""
    whole = layout.build(items)
    yield from rebuilt(whole, rng)
    for name, change in _FIELDS.items():
        yield name, layout.build([change(item, n) for n, item in enumerate(items)])
    yield (
        "kickers and titles swapped",
        layout.build([replace(item, title=item.kicker, kicker=item.title) for item in items]),
    )
    for name, title, body in _WALLS:
        wall = f"<html><head><title>{title}</title></head><body><h1>{title}</h1>{body}</body></html>"
        yield name, wall
        yield (
            f"{name}, with three teasers",
            layout.build(items[5:8]).replace("<title>News", f"<title>{title}"),
        )
    yield "empty list", layout.build([])
    others = listing(pool("fr"), items[0].published or TODAY, 3)
    yield "another language", layout.build(others)
    pairs = zip(items, others, strict=False)
    yield "translated in place", layout.build([replace(b, link=a.link) for a, b in pairs])


def rebuilt(whole: str, rng: random.Random) -> Iterator[tuple[str, str]]:
    """Yield pages whose markup is other than it was, or that end too early; of any page of the presets."""
    for hook in HOOKS:
        pattern = re.compile(rf"(?<![\w-]){hook}(?![\w-])")
        if pattern.search(whole):
            yield f"renamed {hook}", pattern.sub("c-x1", whole)
            yield f"renamed half of {hook}", _half(pattern, whole, "c-x1")
    yield "li to a", re.sub(r"(</?)li\b", r"\1a", whole)
    yield "li to div", re.sub(r"(</?)li\b", r"\1div", whole)
    for _ in range(4):
        cut = rng.randrange(len(whole) // 5, whole.index("</main>") if "</main>" in whole else len(whole) - 9)
        yield f"truncated at {cut}", whole[:cut]


def _half(pattern: re.Pattern[str], text: str, new: str) -> str:
    count = len(pattern.findall(text)) // 2
    return pattern.sub(new, text, count=max(count, 1))


_FIELDS: dict[str, Callable[[ReadItem, int], ReadItem]] = {
    "no dates": lambda item, _: replace(item, date_text=None, published=None, precision=Precision.NONE),
    "dates of most lost": lambda item, n: (
        item if n % 3 == 0 else replace(item, date_text=None, published=None, precision=Precision.NONE)
    ),
    "all dates today": lambda item, _: dated(item, TODAY),
    "dates of the events": lambda item, n: dated(item, (item.published or TODAY) + timedelta(days=9 + n)),
    "titles all one": lambda item, _: replace(item, title="Read more"),
    "titles of the section": lambda item, n: replace(item, title=("News", "Article", "Event")[n % 3]),
    "titles with their texts": lambda item, _: replace(
        item, title=f"{item.title} {item.summary} {item.summary}"
    ),
    "no links": lambda item, _: replace(item, link="javascript:void(0)"),
    "links all one": lambda item, _: replace(item, link="/"),
    "links through a counter": lambda item, n: replace(item, link=f"/out?n={n}"),
    "no summaries": lambda item, _: replace(item, summary=None),
    "summaries all one": lambda item, _: replace(item, summary="Please enable JavaScript to read this."),
    "summaries without end": lambda item, _: replace(item, summary=(item.summary or "") * 9),
    "kickers all changed": lambda item, n: replace(item, kicker=f"{n + 1} min. to read"),
}
_WALLS = (
    ("cookie wall", "Before you continue", "<form><button>Accept all</button></form>"),
    ("sign-in page", "Sign in", "<form><input type=password name=p></form>"),
    ("sign-in page in French", "Connexion", "<form><input type=password name=p></form>"),
    ("error page", "404 Not Found", "<p>The page you look for is not here.</p>"),
    ("server error", "Service Unavailable", "<p>Try again.</p>"),
    ("maintenance", "Site under maintenance", "<p>We are back at noon.</p>"),
    ("challenge", "Just a moment...", "<script>challenge()</script>"),
)

# ------------------------------------------------------------------ what does not


def benign(
    layout: Layout, items: Sequence[ReadItem], spare: Sequence[ReadItem], rng: random.Random
) -> Iterator[tuple[str, str]]:
    """Yield pages that a reader must take; `spare` are items that were never listed."""
    newest, oldest = items[0].published or TODAY, items[-1].published or TODAY
    new = [dated(item, newest + timedelta(days=1 + n)) for n, item in enumerate(spare[:12])][::-1]
    old = [dated(item, oldest - timedelta(days=1 + n)) for n, item in enumerate(spare[12:24])]
    yield "nothing changed", layout.build(items)
    for name, before in _FURNITURE.items():
        yield name, layout.build(items, before=before, behind=before)
    for count in (1, 3, len(new)):
        yield f"{count} new", layout.build([*new[-count:], *items])
        yield f"{count} new, as many pushed out", layout.build([*new[-count:], *items][: len(items)])
    yield "a busy month: all are new", layout.build(new)
    yield "longer pages", layout.build([*items, *old])
    yield "longer pages and news", layout.build([*new[-2:], *items, *old])
    for count in (1, 2, len(items) // 2):
        yield f"a quiet month: {count} left", layout.build(items[:count])
    yield "a quiet month: one new alone", layout.build(new[-1:])
    gone = rng.randrange(len(items))
    yield "one taken down", layout.build([item for n, item in enumerate(items) if n != gone])
    at = rng.randrange(len(items))
    for name, change in _EDITS.items():
        yield name, layout.build([change(item) if n == at else item for n, item in enumerate(items)])
    yield "other order", layout.build(rng.sample(list(items), len(items)))
    yield (
        "the year of the credits",
        layout.build([replace(i, credit="© A. Photographer 2024") for i in items]),
    )
    whole = layout.build(items)
    yield "extra classes", re.sub(r'class="([^"]+)"', r'class="wide \1 x-2"', whole)
    yield (
        "other attributes",
        re.sub(r"<(div|li|p|article)\b", r'<\1 data-v="7" id="', whole).replace('id="', "data-x "),
    )
    yield "other white space", whole.replace("><", ">\n   <")
    yield "entities", whole.replace("’", "&rsquo;").replace(" of ", " &#111;f ")
    yield (
        "a wrapper",
        whole.replace("<main>", '<main><div class="w"><section>').replace(
            "</main>", "</section></div></main>"
        ),
    )
    yield "something behind the end", whole + "<!-- served in 3 ms --><script>x()</script>"
    yield (
        "scripts and styles",
        whole.replace("</head>", "<style>.a{}</style><script>var t='Sign in'</script></head>"),
    )


_EDITS: dict[str, Callable[[ReadItem], ReadItem]] = {
    "a title corrected": lambda item: replace(item, title=f"{item.title}: a correction"),
    "a summary written anew": lambda item: replace(item, summary="A new text that says something else."),
    "a date corrected": lambda item: dated(item, (item.published or TODAY) + timedelta(days=1)),
    "a date lost": lambda item: replace(item, date_text=None, published=None, precision=Precision.NONE),
    "another kicker": lambda item: replace(item, kicker="Press release"),
    "a link moved": lambda item: replace(item, link=f"{item.link}?page=2"),
}
_FURNITURE = {
    "a banner": '<div class="banner"><p>We use cookies. <a href="/c">Accept all</a></p></div>',
    "a sign-in box": '<form><label>Sign in</label><input type="password"><a href="/s">Sign in</a></form>',
    "a notice of maintenance": "<p>This site is down for maintenance on Sunday.</p><h2>Maintenance</h2>",
    "popular topics": '<aside><h2>Popular</h2><ul><li><a href="/1">One</a></li><li>404</li></ul></aside>',
}

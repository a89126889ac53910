"""Sample issues for previews: with few or many items, right-to-left, without images, with long words.

They have the digest's own themes and do not use the store.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

from sse_digest.model.issue_rules import arrange
from sse_digest.model.issues import Digest, Issue, Period
from sse_digest.model.items import Item, Precision, ThemeDecision

_DAY = date(2023, 4, 20)
_MANY = 100
_LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
_WORDS = "A sentence that shows how a summary looks, with about as many words as most of them have."
_ARABIC = (
    "عنوان خبر للتجربة عن COPAC",
    "جملة تبين شكل الملخص، مع كلمات ILO وأرقام 2023 فيها.",
    "القاهرة، مصر",
)


def sample_issue(name: str, digest: Digest) -> Issue:
    """Return the sample issue with a name from `SAMPLES`."""
    items = SAMPLES[name](digest)
    sections = arrange(digest, items)
    return Issue(digest=digest.name, period=Period.of(_DAY), sections=sections, lead=items[0].id)


def _item(number: int, theme: str, **changes: object) -> Item:
    seen = datetime(_DAY.year, _DAY.month, _DAY.day, 12, tzinfo=UTC)
    key = sha256(str(number).encode()).hexdigest()[:26].translate(str.maketrans("0189", "ghij"))
    values: dict[str, object] = {
        "id": key,
        "source": "sample",
        "link": f"https://www.example.org/news/{number}",
        "title": f"A sample item, number {number}, of the theme {theme}",
        "summary": _WORDS,
        "kicker": None,
        "credit": "© Example Observatory",
        "section": None,
        "place": "Geneva, Switzerland",
        "language": "en",
        "published": _DAY - timedelta(days=number % 19),
        "precision": Precision.DAY,
        "date_text": None,
        "first_seen": seen,
        "updated": seen,
        "group": key,
        "decision": ThemeDecision(themes=(theme,), primary=theme),
        "image_url": f"https://www.example.org/pictures/{number}.jpg",
        "image_alt": "What the picture shows, in words",
    }
    return Item(**{**values, **changes})  # type: ignore[arg-type] # a dict of mixed types


def _small(digest: Digest) -> list[Item]:
    return [_item(number, theme) for number, theme in enumerate(digest.themes, 1)]


def _large(digest: Digest) -> list[Item]:
    return [_item(number, digest.themes[number % len(digest.themes)]) for number in range(_MANY)]


def _rtl(digest: Digest) -> list[Item]:
    title, summary, place = _ARABIC
    arabic = (
        replace(item, title=title, summary=summary, place=place, language="ar") for item in _small(digest)
    )
    return [*arabic, *(_item(50 + number, theme) for number, theme in enumerate(digest.themes))]


def _no_images(digest: Digest) -> list[Item]:
    return [replace(item, image_url=None, image_alt=None) for item in _small(digest)]


def _long_words(digest: Digest) -> list[Item]:
    link = f"https://www.example.org/{'x' * 600}"
    return [
        replace(item, title=f"{_LONG} {_LONG}", summary=link, place=_LONG, kicker=_LONG, link=link)
        for item in _small(digest)
    ]


SAMPLES: Mapping[str, Callable[[Digest], list[Item]]] = {
    "small": _small,
    "large": _large,
    "rtl": _rtl,
    "no-images": _no_images,
    "long-words": _long_words,
}
"""Functions that return the items of each sample issue, by its name."""

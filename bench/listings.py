"""The input of the benchmark of reading: listings, a feed and items, the same in every run."""

from datetime import date, timedelta

from sse_digest.model.items import Precision, ReadItem

ITEMS = 40  # of one listing
ENTRIES = 10_000  # of the feed
_SMALL = (
    *("the", "of", "and", "to", "in", "for", "on", "with"),
    *("from", "by", "at", "that", "are", "was", "its"),
)
_PARTS = (
    *("co", "op", "er", "a", "tive", "work", "fa", "rm"),
    *("mar", "ket", "trai", "ning", "yo", "uth", "cial"),
)


def words(seed: int, count: int) -> str:
    """Return this many words; each seed gives others. Every second word is a common short one."""
    chosen = []
    for n in range(count):
        at = seed * 31 + n * 17 + n * n
        first, second, third = (_PARTS[at // by % len(_PARTS)] for by in (1, 7, 61))
        chosen.append(_SMALL[at % len(_SMALL)] if n % 2 else first + second + third)
    return " ".join(chosen)


def listing(number: int) -> str:
    """Return a page of cards like those of the preset."""
    cards = []
    for n in range(number * ITEMS, (number + 1) * ITEMS):
        day = date(2023, 4, 1) - timedelta(days=n % 6000)
        cards.append(
            '<div class="ilo--card ilo--card__type__feature">'
            f'<a class="ilo--card--link" href="/resource/news/{n}">'
            f'<span class="ilo--card--link-text">Item {n}</span></a><div class="ilo--card--wrap">'
            f'<div class="ilo--card--image-wrap"><img src="/i/{n}.jpg" alt="People at work, {n}"></div>'
            "<span>© ILO</span>"
            f'<div class="ilo--card--content"><p class="ilo--card--eyebrow">News</p>'
            f'<p class="ilo--card--title">Item {n}: {words(n, 9)}</p>'
            f'<p class="ilo--card--intro">{words(n + 1, 40)}</p>'
            f'<time class="ilo--card--date" datetime="{day}T12:00:00Z">{day.day} {day:%B %Y}</time>'
            "</div></div></div>"
        )
    menu = "".join(f'<li><a href="/topics/{n}">Topic {n}</a></li>' for n in range(60))
    return (
        f'<!DOCTYPE html><html lang="en"><head><title>News</title></head><body><nav><ul>{menu}</ul></nav>'
        f"<main>{''.join(cards)}</main><footer><ul>{menu}</ul></footer></body></html>"
    )


def atom() -> str:
    """Return a feed of many entries."""
    entries = []
    for n in range(ENTRIES):
        day = date(2023, 4, 1) - timedelta(days=n % 6000)
        entries.append(
            f"<entry><id>urn:item:{n}</id><title>Item {n}: {words(n, 9)}</title>"
            f'<link href="https://www.example.org/{n}"/><published>{day}T12:00:00Z</published>'
            f"<updated>{day}T12:00:00Z</updated><summary>{words(n + 1, 40)}</summary></entry>"
        )
    head = "<id>urn:feed</id><title>News</title><updated>2023-04-01T12:00:00Z</updated>"
    return f'<feed xmlns="http://www.w3.org/2005/Atom">{head}{"".join(entries)}</feed>'


def item(number: int) -> ReadItem:
    """Return an item as a reading gives it."""
    day = date(2023, 4, 1) - timedelta(days=number // 15)
    return ReadItem(
        title=f"Item {number}: {words(number, 9)}",
        summary=words(number + 1, 40),
        published=day,
        precision=Precision.DAY,
        date_text=str(day),
        language="en",
        link=f"https://www.example.org/news/{number}",
    )

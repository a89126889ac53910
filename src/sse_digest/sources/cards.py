"""One item of a page in HTML: its hooks, and what stands around them told by its looks.

A credit begins with ©, a date reads as a date, a kicker stands before the title and a summary behind it. No
class name but those of the preset plays a part.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from selectolax.lexbor import LexborNode

from sse_digest.sources.canonical import absolute
from sse_digest.sources.dates import read_date
from sse_digest.sources.marks import is_credit, is_pager
from sse_digest.sources.markup import Piece, pieces, text_of
from sse_digest.sources.pictures import Picture, picture_in

_YEARS = range(1800, 2200)  # what a `datetime` attribute may say


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """The hooks of one layout, as CSS selectors. What is None has no class name that is known for certain."""

    item: str  # the element that holds one item; never one inside another
    container: str  # what every page of this layout has, even without items
    title: str
    link: str | None = (
        None  # an element of its own that carries the address; None: a link in or around the title
    )
    kicker: str | None = None
    summary: str | None = None
    date: str | None = None
    credit: str | None = None
    image: str | None = None  # None: the first picture in the item
    next: str | None = None  # the link to the list's next page; None: the one that says rel=next
    home: str  # what links are relative to in a saved page that does not say so


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What is known of one item; of the fields without a hook, the texts they are among."""

    title: str | None
    link: str | None
    credit: str | None
    kicker: str | None
    summary: str | None
    date_text: str | None
    machine_date: date | None  # of the `datetime` attribute
    machine_time: str | None = None  # the attribute itself, as ISO 8601
    picture: Picture | None = None
    before: tuple[str, ...]  # texts before the title that no hook claims, credits left out
    behind: tuple[str, ...]  # and behind it; without a title, all of them


def make_card(box: LexborNode, layout: Preset, base: str) -> Card:
    """Read the hooks of the item in `box`, and the texts around them."""
    hooks = {
        field: node
        for field in ("title", "kicker", "summary", "date", "credit", "link")
        if (selector := getattr(layout, field)) and (node := box.css_first(selector))
    }
    title, link = _title(box, hooks), hooks.get("link")
    if link is not None and any(_holds(link, node) for name, node in hooks.items() if name != "link"):
        del hooks["link"]  # it surrounds the item and has no words of its own
    found = list(pieces(box, [*hooks.values(), *([title] if title else [])], stands_alone=_stands_alone))
    texts = {field: text_of(node) or None for field, node in hooks.items()}
    heading = text_of(title) if title is not None else texts.get("link")
    time = hooks.get("date") or box.css_first("time[datetime]")
    before, behind = _around(found, title, heading)
    return Card(
        title=heading or None,
        link=_link(link, title, box, base),
        credit=_signed(texts.get("credit"))
        or next((piece.text for piece in found if not piece.whole and is_credit(piece.text)), None),
        kicker=texts.get("kicker"),
        summary=texts.get("summary"),
        date_text=texts.get("date"),
        machine_date=machine_date(time.attributes.get("datetime")) if time else None,
        machine_time=machine_time(time.attributes.get("datetime")) if time else None,
        picture=picture_in(box, base, layout.image),
        before=before,
        behind=behind,
    )


def fill_by_looks(cards: Sequence[Card], layout: Preset) -> Iterator[Card]:
    """Fill the fields for which the layout has no hook, and dates that stand outside theirs.

    Where lines like dates stand on both sides of a title, the side where most of the page has them counts.
    """
    leads = sum((_dated(card.before) is not None) - (_dated(card.behind) is not None) for card in cards) > 0
    for card in cards:
        before, behind = list(card.before), list(card.behind)
        date_text = card.date_text
        if date_text is None:
            for side in (before, behind) if leads else (behind, before):
                at = _dated(side)
                if date_text is None and at is not None:
                    date_text = side.pop(at)
        kickers = [text for text in before if not read_date(text)]
        filled = replace(card, date_text=date_text)
        if layout.kicker is None and kickers:
            filled = replace(filled, kicker=kickers[-1])
        if layout.summary is None and behind:
            filled = replace(filled, summary=" ".join(behind))
        yield filled


def _dated(texts: Sequence[str]) -> int | None:
    return next((at for at, text in enumerate(texts) if read_date(text)), None)


def _title(box: LexborNode, hooks: Mapping[str, LexborNode]) -> LexborNode | None:
    return hooks.get("title") or (None if "link" in hooks else box.css_first("h1, h2, h3, h4, h5, h6"))


def _around(
    found: Sequence[Piece], title: LexborNode | None, heading: str | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give the texts before and behind the title that may be fields; without a title, all are behind it."""
    at = next((i for i, piece in enumerate(found) if title and piece.node.mem_id == title.mem_id), -1)
    before, behind = found[: max(at, 0)], found[at + 1 :]
    return _words(before, heading), _words(behind, heading)


def _words(found: Sequence[Piece], heading: str | None) -> tuple[str, ...]:
    texts = (piece.text for piece in found if not piece.whole)
    return tuple(text for text in texts if text != heading and _is_words(text))


def _holds(outer: LexborNode, inner: LexborNode) -> bool:
    above = inner.parent
    while above is not None and above.mem_id != outer.mem_id:
        above = above.parent
    return above is not None


def _stands_alone(text: str) -> bool:
    return is_credit(text) or read_date(text) is not None


def _is_words(text: str) -> bool:
    """Tell whether a text may be a kicker or belong to a summary."""
    return any(map(str.isalnum, text)) and not (is_credit(text) or is_pager(text))


def _link(hook: LexborNode | None, title: LexborNode | None, box: LexborNode, base: str) -> str | None:
    """Find the item's address: in its own element, in or around the title, or the first in the item."""
    candidates = [hook]
    if title is not None:
        candidates.append(title.css_first("a[href]"))
        above = title.parent
        while above is not None and above.mem_id != box.mem_id:
            candidates.append(above if above.tag == "a" else None)
            above = above.parent
        candidates.append(box if box.tag == "a" else box.parent)
    candidates.extend(box.css("a[href]"))
    links = (absolute(node.attributes.get("href"), base) for node in candidates if node is not None)
    return next((link for link in links if link), None)


def _signed(credit: str | None) -> str | None:
    return credit if credit is None or is_credit(credit) else f"© {credit}"


def machine_date(value: str | None) -> date | None:
    """Read a `datetime` attribute: Unix seconds or milliseconds, or ISO 8601; the day in UTC."""
    moment = _moment(value)
    if moment is None:
        return None
    day = (moment.astimezone(UTC) if moment.tzinfo else moment).date()
    return day if day.year in _YEARS else None


def machine_time(value: str | None) -> str | None:
    """Give the instant of a `datetime` attribute as ISO 8601; None: it names none."""
    moment = _moment(value)
    return moment.isoformat() if moment is not None and moment.tzinfo is not None else None


def _moment(value: str | None) -> datetime | None:
    text = (value or "").strip()
    try:
        if text.isascii() and text.isdigit() and len(text) >= len("100000000"):
            seconds = int(text) / (1000 if len(text) > len("1528804800") else 1)
            return datetime.fromtimestamp(seconds, UTC)
        return datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        return None

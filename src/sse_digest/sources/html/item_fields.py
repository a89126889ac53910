"""Read one item of an HTML page: the fields with a hook, and the other fields by their appearance.

A hook is a selector of the layout. Without one, a credit begins with ©, a date reads as a date, a kicker is
before the title and a summary after it. Only the class names in the layout matter.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

from sse_digest.sources.html.date_headings import DateHeading, completed, headings_over
from sse_digest.sources.html.dom import TextPiece, pieces, text_of
from sse_digest.sources.html.images import ImageCandidate, picture_in
from sse_digest.sources.html.siblings import Sides, beside
from sse_digest.sources.presets import LayoutPreset
from sse_digest.sources.text.dates import read_date
from sse_digest.sources.text.line_types import is_aside, is_credit, is_label, is_pager, leads_on_to
from sse_digest.sources.text.urls import absolute

_HOOKS = ("title", "kicker", "summary", "date", "credit", "link")
_TEXTS = frozenset(("kicker", "summary", "date", "credit"))
_DASHES = " -–—|:·•"
_FILE = re.compile(r"(?i:pdf|docx?|odt|epub)(?: ?\([^()]{0,20}\))?")  # the label of a download link
# One to four words that do not end a sentence: a topic, an author, a label after the title.
_SCRAP = re.compile(r"(?=.{1,32}$)\S+(?: \S+){0,3}(?<![.!?…:;。！？؟\"”»’)])")
_YEARS = range(1800, 2200)  # accepted in a `datetime` attribute


class ItemFields(NamedTuple):
    """The fields of one item, and the texts from which fields without a hook are filled."""

    title: str | None
    link: str | None
    credit: str | None
    kicker: str | None
    summary: str | None
    date_text: str | None
    machine_date: date | None  # from the `datetime` attribute
    machine_time: str | None = None  # the attribute itself, as ISO 8601
    picture: ImageCandidate | None = None
    before: tuple[str, ...] = ()  # texts before the title that no hook matched, without credits
    behind: tuple[str, ...] = ()  # such texts after the title; without a title, all of them
    hooked: tuple[str, ...] = ()  # fields that a hook of the layout matched


def make_cards(
    tree: LexborHTMLParser, boxes: Sequence[LexborNode], layout: LayoutPreset, base: str
) -> tuple[ItemFields, ...]:
    """Read the items in `boxes`, in order.

    Args:
        tree: the page.
        boxes: elements with one item each, none inside another.
        layout: the hooks.
        base: the address that relative links refer to.
    """
    homes: dict[int, int | None] = {box.mem_id: box.mem_id for box in boxes}
    hooks = {field: _firsts(tree, homes, getattr(layout, field)) for field in _HOOKS}
    times = _firsts(tree, homes, "time[datetime]") if len(hooks["date"]) < len(boxes) else {}
    images = _firsts(tree, homes, layout.image or "img")
    named = [(field, nodes) for field, nodes in hooks.items() if nodes]
    cards = []
    for box, sides in zip(boxes, beside(boxes), strict=True):
        at = box.mem_id
        own = {field: nodes[at] for field, nodes in named if at in nodes}
        time = own.get("date") or times.get(at)
        card = _card(box, own, base, sides, time)
        if (image := images.get(at)) is not None:
            card = card._replace(picture=picture_in(image, base) or picture_in(box, base, layout.image))
        cards.append(card)
    return tuple(_filled_by_looks(_with_years(cards, boxes), layout))


def _with_years(cards: Sequence[ItemFields], boxes: Sequence[LexborNode]) -> Sequence[ItemFields]:
    """Take the day, or the year of a day, from the heading above; pages with complete dates cost no time."""
    lacking = [_lacks_day(card) for card in cards]
    if not any(lacking):
        return cards
    return [
        _with_year(card, heading) if lacks and heading is not None else card
        for card, heading, lacks in zip(cards, headings_over(boxes), lacking, strict=True)
    ]


def _lacks_day(card: ItemFields) -> bool:
    if card.machine_date is not None or (card.date_text is not None and read_date(card.date_text)):
        return False
    return _dated(card.before) is None and _dated(card.behind) is None


def _with_year(card: ItemFields, heading: DateHeading) -> ItemFields:
    if heading.is_day:
        return card._replace(date_text=card.date_text or heading.text)
    if card.date_text is not None:
        return card._replace(date_text=completed(card.date_text, heading) or card.date_text)
    before = _first_completed(card.before, heading)
    if before != card.before:
        return card._replace(before=before)
    return card._replace(behind=_first_completed(card.behind, heading))


def _first_completed(texts: tuple[str, ...], heading: DateHeading) -> tuple[str, ...]:
    for at, text in enumerate(texts):
        if (day := completed(text, heading)) is not None:
            return (*texts[:at], day, *texts[at + 1 :])
    return texts


def _firsts(
    tree: LexborHTMLParser, homes: dict[int, int | None], selector: str | None
) -> dict[int | None, LexborNode]:
    """Return the first element in each box, or the box itself, that a selector matches, by the box's id.

    The page is queried once: a query for each box would take longer than everything else. `homes` maps an
    element's id to the id of the box it is in, or to None if it is in no box; this function adds to it.
    """
    found: dict[int | None, LexborNode] = {}
    for node in tree.css(selector) if selector else ():
        above: LexborNode | None = node
        passed = []
        while above is not None and (at := above.mem_id) not in homes:
            passed.append(at)
            above = above.parent
        home = homes[at] if above is not None else None
        for at in passed:
            homes[at] = home
        if home is not None and home not in found:
            found[home] = node
    return found


def _card(
    box: LexborNode, hooks: dict[str, LexborNode], base: str, sides: Sides, time: LexborNode | None
) -> ItemFields:
    """Read the hooked fields of the item in `box`, and the texts around them."""
    hooked = tuple(hooks)
    title, link = _title(box, hooks), hooks.get("link")
    if link is not None and len(hooks) > 1 and _surrounds(link, hooks.values(), box):
        del hooks["link"]  # it surrounds other fields and has no text of its own
    kept = list(hooks.values())
    if title is not None and "title" not in hooks:
        kept.append(title)
    found = pieces(box, kept, stands_alone=_stands_alone)
    named = title if title is not None else hooks.get("link")
    heading = text_of(named) if named is not None else ""
    texts = {field: _text(field, node, heading) for field, node in hooks.items() if field in _TEXTS}
    stated = time.attributes.get("datetime") if time is not None else None
    moment = _moment(stated) if stated else None
    before, behind = _around(found, title, heading)
    credit = _signed(texts.get("credit"))
    return ItemFields(
        title=heading or None,
        link=_link(link, title, box, base),
        credit=credit or next((text for _, text, whole in found if not whole and is_credit(text)), None),
        kicker=texts.get("kicker"),
        summary=texts.get("summary"),
        date_text=texts.get("date"),
        machine_date=_day_of(moment),
        machine_time=_instant_of(moment),
        before=(*_words(sides[0], heading), *before) if sides[0] else before,
        behind=(*behind, *_words(sides[1], heading)) if sides[1] else behind,
        hooked=hooked,
    )


def _text(field: str, node: LexborNode, heading: str) -> str | None:
    """Return the text of a hook; links to more and image credits are left out of a summary."""
    if field == "date":
        return _bare_date(text_of(node)) or None
    if field != "summary" or node.css_first("a, small, figcaption") is None:
        return text_of(node) or None
    return " ".join(_words([node], heading)) or None


def _filled_by_looks(cards: Sequence[ItemFields], layout: LayoutPreset) -> Iterator[ItemFields]:
    """Fill the fields that the layout has no hook for, and dates that are outside their hook.

    If there are dates on both sides of a title, the side counts on which most items of the page have theirs.
    """
    leads = sum((_dated(card.before) is not None) - (_dated(card.behind) is not None) for card in cards) > 0
    for card in cards:
        if not (card.before or card.behind):
            yield card
            continue
        before, behind = list(card.before), list(card.behind)
        date_text = card.date_text
        if date_text is None:
            for side in (before, behind) if leads else (behind, before):
                at = _dated(side)
                if date_text is None and at is not None:
                    date_text = side.pop(at)
        kickers = [text for text in before if not read_date(text)]
        is_labelled = layout.kicker is None and kickers
        yield card._replace(
            date_text=date_text,
            kicker=kickers[-1] if is_labelled else card.kicker,
            summary=" ".join(_prose(behind)) if layout.summary is None and behind else card.summary,
        )


def _prose(texts: Sequence[str]) -> Sequence[str]:
    """Return the texts without topics, authors and labels, if anything else is left."""
    return [text for text in texts if not _SCRAP.fullmatch(text)] or texts


def _dated(texts: Sequence[str]) -> int | None:
    return next((at for at, text in enumerate(texts) if read_date(text)), None)


def _title(box: LexborNode, hooks: Mapping[str, LexborNode]) -> LexborNode | None:
    return hooks.get("title") or (None if "link" in hooks else box.css_first("h1, h2, h3, h4, h5, h6"))


def _around(
    found: Sequence[TextPiece], title: LexborNode | None, heading: str
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the texts before and after the title that may be fields; without a title, all are after it."""
    sides: tuple[list[str], list[str]] = ([], [])
    side = 0
    for piece in found:
        if not piece.whole:
            if piece.text != heading and _is_words(piece.text, heading):
                sides[side].append(_bare_date(piece.text))
        elif title is not None and piece.node.mem_id == title.mem_id:
            side = 1
    before, behind = sides if side else ((), sides[0])
    return tuple(before), tuple(behind)


def _bare_date(text: str) -> str:
    """Remove dashes around a date; return any other text unchanged."""
    bare = text.strip(_DASHES)
    return bare if bare != text and read_date(bare) is not None else text


def _words(nodes: Sequence[LexborNode], heading: str) -> list[str]:
    found = (piece for node in nodes for piece in pieces(node, stands_alone=_stands_alone))
    return [piece.text for piece in found if _is_words(piece.text, heading)]


def _surrounds(link: LexborNode, hooks: Iterable[LexborNode], box: LexborNode) -> bool:
    """Return whether the link contains another hook of its item."""
    ours, edge = link.mem_id, {box.mem_id}
    for node in hooks:
        if node.mem_id in edge:
            continue
        above = node.parent
        while above is not None and (at := above.mem_id) not in edge:
            if at == ours:
                return True
            edge.add(at)
            above = above.parent
    return False


def _stands_alone(text: str) -> bool:
    return is_credit(text) or read_date(text) is not None


def _is_words(text: str, heading: str) -> bool:
    """Return whether a text may be the kicker or part of the summary of the item with this heading."""
    if is_credit(text) or is_pager(text) or is_label(text) or _FILE.fullmatch(text):
        return False
    if leads_on_to(text, heading) or is_aside(text):
        return False
    return any(map(str.isalnum, text))


def _link(hook: LexborNode | None, title: LexborNode | None, box: LexborNode, base: str) -> str | None:
    """Return the item's address: from its hook, in or around the title, or the first in the item."""
    if hook is not None and (own := absolute(hook.attributes.get("href"), base)) is not None:
        return own
    links = (absolute(node.attributes.get("href"), base) for node in _carriers(title, box))
    return next((link for link in links if link), None)


def _carriers(title: LexborNode | None, box: LexborNode) -> Iterator[LexborNode]:
    if title is not None:
        yield from title.css("a[href]")[:1]
        above = title.parent
        while above is not None and above.mem_id != box.mem_id:
            if above.tag == "a":
                yield above
            above = above.parent
        around = box if box.tag == "a" else box.parent
        if around is not None:
            yield around
    yield from box.css("a[href]")


def _signed(credit: str | None) -> str | None:
    return credit if credit is None or is_credit(credit) else f"© {credit}"


def machine_date(value: str | None) -> date | None:
    """Return the day in UTC of a `datetime` attribute, or None if it cannot be read.

    The attribute may be Unix seconds or milliseconds, or ISO 8601.
    """
    return _day_of(_moment(value))


def machine_time(value: str | None) -> str | None:
    """Return the instant of a `datetime` attribute as ISO 8601; None if it is invalid or has no time zone."""
    return _instant_of(_moment(value))


def _day_of(moment: datetime | None) -> date | None:
    if moment is None:
        return None
    day = (moment.astimezone(UTC) if moment.tzinfo else moment).date()
    return day if day.year in _YEARS else None


def _instant_of(moment: datetime | None) -> str | None:
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

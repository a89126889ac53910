"""Read a news page in HTML by the few class names its publisher is known to use.

A preset names those hooks; whatever has none is told by its looks: a credit begins with ©, a date reads as
a date, a kicker stands before the title and a summary behind it. A page without a preset's hooks gives
nothing at all: a changed layout, a login page or a cookie wall must never be published as news.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from types import MappingProxyType

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from sse_digest.errors import SourceError
from sse_digest.model.items import Precision, Reading, ReadItem, shorten
from sse_digest.sources.canonical import absolute
from sse_digest.sources.dates import Order, ReadDate, numeric_order, read_date
from sse_digest.sources.language import primary_tag, tell_language
from sse_digest.sources.marks import is_credit, is_pager
from sse_digest.sources.markup import Piece, decode_html, pieces, text_of
from sse_digest.sources.options import SourceOptions
from sse_digest.sources.page import Page

MAX_ITEMS = 2000
"""Of one page; a list of news is far shorter."""

_MAX_TITLE = 1000  # characters; a longer one is a page that was misread
_MAX_SUMMARY = 20_000


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
    home: str  # what links are relative to in a saved page that does not say so


PRESETS: Mapping[str, Preset] = MappingProxyType(
    {
        "ilo": Preset(
            item=".ilo--card",
            container=".ilo--card",
            title=".ilo--card--title",
            link="a.ilo--card--link",
            kicker=".ilo--card--eyebrow",
            summary=".ilo--card--intro",
            date="time.ilo--card--date",
            home="https://www.ilo.org/",
        ),
        "ilo-classic": Preset(
            item=".items-list li", container=".items-list", title=".item-title", home="https://www.ilo.org/"
        ),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Card:
    """The pieces of one item, before it is known what its dates mean."""

    title: str | None
    link: str | None
    credit: str | None
    kicker: str | None
    summary: str | None
    date_text: str | None
    machine_date: date | None  # of the `datetime` attribute


def read_page(page: Page, options: SourceOptions) -> Reading:
    """Read a page as a source of kind `html` wants it.

    Raises:
        SourceError: as `read_html`.
    """
    return read_html(
        page.data,
        base_url=page.url,
        preset=options.preset,
        language=options.language,
        charset=page.charset,
        place=page.place,
    )


def read_html(
    data: str | bytes,
    *,
    base_url: str | None,
    preset: str | None,
    language: str | None = None,
    charset: str | None = None,
    place: str | None = None,
) -> Reading:
    """Read the items of a page, in its order. Sections are not read: these layouts have none.

    Args:
        data: the page; bytes are decoded as its byte order mark, `charset` or its own word say.
        base_url: the page's address, to which links are relative; None: a saved file.
        preset: a key of `PRESETS`.
        language: the page's, where it does not say so itself.
        charset: as the server said; None: not said.
        place: the page's name in messages; None: `base_url`.

    Raises:
        SourceError: the preset is unknown, the data is no web page, or none of the layout's items is in it.
    """
    layout = _preset(preset)
    name = place or base_url or "The page"
    text, warning = (data, None) if isinstance(data, str) else decode_html(data, charset=charset, place=name)
    tree = _parse(text, name)
    boxes = _boxes(tree, layout)
    if not boxes or not any(box.css_first(f"{layout.title}, {layout.link or layout.title}") for box in boxes):
        raise _nothing(tree, layout, str(preset), name)
    base = _base(tree, base_url or layout.home)
    usual = _hooks_in_use(tree, layout)
    cards = [_card(box, usual, base) for box in boxes[:MAX_ITEMS]]
    expected = _page_language(tree) or primary_tag(language)
    order = numeric_order(card.date_text for card in cards if card.date_text)
    items, left_out = _items(cards, order, expected)
    if not items:
        raise SourceError(
            f"{name} has places for items, but none has a title or a text. Look at it in a browser."
        )
    if len(boxes) > MAX_ITEMS:
        left_out = (*left_out, f"only the first {MAX_ITEMS} of {len(boxes)} items were read")
    return Reading(items=items, warnings=((warning,) if warning else ()) + left_out, language=expected)


def _parse(text: str, name: str) -> LexborHTMLParser:
    try:
        return LexborHTMLParser(text.encode("utf-8", "replace"))
    except SelectolaxError as error:
        raise SourceError(f"{name} cannot be read as HTML ({error}). Look at it in a browser.") from error


def _preset(name: str | None) -> Preset:
    if name is None or name not in PRESETS:
        known = ", ".join(PRESETS)
        asked = f"has no preset {name!r}" if name else "needs a preset"
        raise SourceError(f"A source of kind html {asked}. Choose one of: {known}.")
    return PRESETS[name]


# ------------------------------------------------------------------ the page


def _boxes(tree: LexborHTMLParser, layout: Preset) -> list[LexborNode]:
    """Give the elements with one item each: of nested list entries the outer, of nested cards the inner."""
    found = tree.css(layout.item)
    ids = {node.mem_id for node in found}
    inside: set[int] = set()
    around: set[int] = set()
    for node in found:
        above = node.parent
        while above is not None:
            if above.mem_id in ids:
                inside.add(node.mem_id)
                around.add(above.mem_id)
                break
            above = above.parent
    unwanted = around if layout.item == layout.container else inside
    return [node for node in found if node.mem_id not in unwanted]


def _nothing(tree: LexborHTMLParser, layout: Preset, preset: str, name: str) -> SourceError:
    selector = layout.title if tree.css_first(layout.item) else layout.container
    if tree.css_first(selector) is None:
        return SourceError(
            f"{name} does not have the layout {preset!r}: nothing in it matches {selector!r}. Nothing was "
            "stored. Look at it in a browser: if its news still stand there, the layout has changed, or it "
            "needs another preset."
        )
    return SourceError(
        f"{name} has the list of the layout {preset!r}, but no item in it. Look at it in a browser."
    )


def _base(tree: LexborHTMLParser, fallback: str) -> str:
    """Give the address links are relative to: what the page says, else `fallback`."""
    node = tree.css_first("base[href]")
    stated = absolute(node.attributes.get("href"), fallback) if node else None
    return stated or fallback


def _page_language(tree: LexborHTMLParser) -> str | None:
    return primary_tag(tree.root.attributes.get("lang")) if tree.root else None


def _hooks_in_use(tree: LexborHTMLParser, layout: Preset) -> Preset:
    """Leave out the hooks that no item of the page has, so that these fields are told by their looks."""
    return replace(
        layout,
        kicker=layout.kicker if layout.kicker and tree.css_first(layout.kicker) else None,
        summary=layout.summary if layout.summary and tree.css_first(layout.summary) else None,
    )


# ------------------------------------------------------------------ one item


def _card(box: LexborNode, layout: Preset, base: str) -> _Card:
    hooks = {
        field: node
        for field in ("title", "kicker", "summary", "date", "link")
        if (selector := getattr(layout, field)) and (node := box.css_first(selector))
    }
    title, link = _title(box, hooks), hooks.get("link")
    if link is not None and any(_holds(link, node) for name, node in hooks.items() if name != "link"):
        del hooks["link"]  # it surrounds the item and has no words of its own
    kept = [*hooks.values(), *([title] if title is not None else [])]
    found = list(pieces(box, kept, stands_alone=_stands_alone))
    before, after = _split(found, title)
    texts = {field: text_of(node) or None for field, node in hooks.items()}
    time = hooks.get("date") or box.css_first("time[datetime]")
    heading = text_of(title) if title is not None else texts.get("link")
    date_text = texts.get("date") or _first_date((*after, *before))
    kickers = [text for text in before if _is_words(text) and text != heading]
    summary = " ".join(text for text in after if _is_words(text) and text != heading)
    return _Card(
        title=heading or None,
        link=_link(link, title, box, base),
        credit=next((piece.text for piece in found if not piece.whole and is_credit(piece.text)), None),
        kicker=texts.get("kicker") if layout.kicker else (kickers[-1] if kickers else None),
        summary=texts.get("summary") if layout.summary else (summary or None),
        date_text=date_text,
        machine_date=_machine_date(time.attributes.get("datetime")) if time else None,
    )


def _title(box: LexborNode, hooks: Mapping[str, LexborNode]) -> LexborNode | None:
    return hooks.get("title") or (None if "link" in hooks else box.css_first("h1, h2, h3, h4, h5, h6"))


def _split(found: Sequence[Piece], title: LexborNode | None) -> tuple[list[str], list[str]]:
    """Give the texts before and behind the title, without the hooks; without a title, all are behind it."""
    at = next(
        (i for i, piece in enumerate(found) if title is not None and piece.node.mem_id == title.mem_id), -1
    )
    before = [piece.text for piece in found[: max(at, 0)] if not piece.whole]
    return before, [piece.text for piece in found[at + 1 :] if not piece.whole]


def _holds(outer: LexborNode, inner: LexborNode) -> bool:
    above = inner.parent
    while above is not None and above.mem_id != outer.mem_id:
        above = above.parent
    return above is not None


def _stands_alone(text: str) -> bool:
    return is_credit(text) or read_date(text) is not None


def _is_words(text: str) -> bool:
    """Tell whether a text may be a kicker or belong to a summary."""
    return any(map(str.isalnum, text)) and not (_stands_alone(text) or is_pager(text))


def _first_date(texts: Iterable[str]) -> str | None:
    return next((text for text in texts if read_date(text) is not None), None)


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


def _machine_date(value: str | None) -> date | None:
    """Read a `datetime` attribute: Unix seconds or milliseconds, or ISO 8601; the day in UTC."""
    text = (value or "").strip()
    try:
        if text.isascii() and text.lstrip("-").isdigit() and 9 <= len(text) <= 13:
            seconds = int(text) / (1000 if len(text) > 11 else 1)
            return datetime.fromtimestamp(seconds, UTC).date()
        if len(text) == len("2018-06-12"):
            return date.fromisoformat(text)
        moment = datetime.fromisoformat(text)
        return (moment.astimezone(UTC) if moment.tzinfo else moment).date()
    except (ValueError, OverflowError, OSError):
        return None


# ------------------------------------------------------------------ all items


def _items(
    cards: Sequence[_Card], order: Order | None, expected: str | None
) -> tuple[tuple[ReadItem, ...], tuple[str, ...]]:
    items, left_out = [], []
    for number, card in enumerate(cards, start=1):
        if not (card.title or card.summary):
            left_out.append(f"item {number} has neither a title nor a text and was left out")
        elif len(card.title or "") > _MAX_TITLE or len(card.summary or "") > _MAX_SUMMARY:
            begin = shorten(card.title or card.summary or "", 60)
            left_out.append(f"item {number} (“{begin}”) is far too long for a piece of news and was left out")
        else:
            items.append(_item(card, order, expected))
    return tuple(items), tuple(left_out)


def _item(card: _Card, order: Order | None, expected: str | None) -> ReadItem:
    day, warnings = _day(card, order)
    words = " ".join(filter(None, (card.title, card.summary)))
    return ReadItem(
        credit=card.credit,
        kicker=card.kicker,
        title=card.title,
        published=day.published,
        precision=day.precision,
        date_text=card.date_text,
        place=day.place,
        summary=card.summary,
        language=tell_language(words, prior=expected),
        link=card.link,
        warnings=warnings,
    )


def _day(card: _Card, order: Order | None) -> tuple[ReadDate, tuple[str, ...]]:
    """Read the date: the visible words win; where they do not say the day, the attribute does."""
    seen = read_date(card.date_text, order=order) if card.date_text else None
    machine = ReadDate(published=card.machine_date, precision=Precision.DAY)
    if seen is None:
        if card.machine_date is not None:
            return machine, ()
        return ReadDate(), ("no date",) if card.date_text is None else (f"“{card.date_text}” is no date",)
    if seen.published is None and not seen.is_span and card.machine_date is not None:
        return replace(machine, place=seen.place), ()
    if seen.published is not None and card.machine_date is not None and seen.precision is Precision.DAY:
        apart = abs((seen.published - card.machine_date).days)
        if apart > 1:
            return seen, (f"the page shows {seen.published} but says {card.machine_date} to machines",)
    return seen, (seen.warning,) if seen.warning else ()

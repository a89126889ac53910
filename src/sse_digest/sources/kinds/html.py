"""Read a news page in HTML by the few class names its publisher is known to use.

A preset names those hooks; `cards` tells the rest of an item by its looks. A page without a preset's hooks
gives nothing at all: a changed layout, a login page or a cookie wall must never be published as news.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from sse_digest.errors import SourceError
from sse_digest.model.items import Precision, Reading, ReadItem, shorten
from sse_digest.model.reading_stats import PageSignals
from sse_digest.sources.html.dom import decode_html
from sse_digest.sources.html.item_fields import ItemFields, make_cards
from sse_digest.sources.html.selectors import layout_of
from sse_digest.sources.html.structured_data import cards_by_structure
from sse_digest.sources.options import NO_SELECTORS, SourceOptions
from sse_digest.sources.page import Page
from sse_digest.sources.presets import PRESETS, LayoutPreset
from sse_digest.sources.text.dates import DateOrder, ReadDate, numeric_order, read_date
from sse_digest.sources.text.language import judge_language, primary_tag
from sse_digest.sources.text.timestamps import exact_time
from sse_digest.sources.text.urls import absolute

MAX_ITEMS = 2000
"""Of one page; a list of news is far shorter."""

_MAX_TITLE = 1000  # characters; a longer one is a page that was misread
_MAX_SUMMARY = 20_000
_STRAYS = 0.25  # of a page's items; more that have neither title nor date are how the page is made


def read_page(page: Page, options: SourceOptions) -> Reading:
    """Read a page as a source of kind `html` wants it.

    Raises:
        SourceError: as `read_html`.
    """
    return read_html(
        page.data,
        base_url=page.url,
        preset=options.preset,
        selectors=options.selectors,
        language=options.language,
        charset=page.charset,
        place=page.place,
    )


def read_html(
    data: str | bytes,
    *,
    base_url: str | None,
    preset: str | None,
    selectors: Mapping[str, str] = NO_SELECTORS,
    language: str | None = None,
    charset: str | None = None,
    place: str | None = None,
) -> Reading:
    """Read the items of a page, in its order. Sections are not read: these layouts have none.

    Args:
        data: the page; bytes are decoded as its byte order mark, `charset` or its own word say.
        base_url: the page's address, to which links are relative; None: a saved file.
        preset: a key of `PRESETS`; None: by `selectors`.
        selectors: by the names of `selectors.FIELDS`; none: by what the page says to machines.
        language: the page's, where it does not say so itself.
        charset: as the server said; None if not stated.
        place: the page's name in messages; None: `base_url`.

    Raises:
        SourceError: the preset is unknown, the data is not a web page, or no item of the layout is in it.
    """
    layout = _layout(preset, selectors)
    name = place or base_url or "The page"
    text, warning = (data, None) if isinstance(data, str) else decode_html(data, charset=charset, place=name)
    tree = _parse(text, name)
    expected = _page_language(tree) or primary_tag(language)
    base = _base(tree, base_url or (layout.home if layout else ""))
    cards = cards_by_structure(tree, base) if layout is None else cards_of(tree, layout, base)
    if not cards and layout is not None and _is_empty(tree, layout):
        return Reading(items=(), is_empty=True, language=expected)
    if not cards:
        raise _nothing(tree, layout, preset or "of its selectors", name) if layout else _unstructured(name)
    order = numeric_order(card.date_text for card in cards if card.date_text)
    found_by = _found_by(cards, layout, f"the preset {preset}" if preset else "selectors")
    items, left_out = _items(cards[:MAX_ITEMS], found_by, order, expected)
    if not items:
        raise SourceError(
            f"{name} has places for items, but none has a title or a text. Look at it in a browser."
        )
    if len(cards) > MAX_ITEMS:
        left_out = (*left_out, f"only the first {MAX_ITEMS} items were read")
    return Reading(
        items=items,
        warnings=((warning,) if warning else ()) + left_out,
        language=expected,
        signs=PageSignals(next_page=_next_page(tree, layout, base), links=_links(tree, layout)),
    )


def parse_page(page: Page) -> tuple[LexborHTMLParser, str]:
    """Parse a page, and give the address its links are relative to ("": a file that names none).

    Raises:
        SourceError: it is not a web page.
    """
    text, _ = decode_html(page.data, charset=page.charset, place=page.place)
    tree = _parse(text, page.place)
    return tree, _base(tree, page.url or "")


def _parse(text: str, name: str) -> LexborHTMLParser:
    try:
        return LexborHTMLParser(text.encode("utf-8", "replace"))
    except SelectolaxError as error:
        raise SourceError(f"{name} cannot be read as HTML ({error}). Look at it in a browser.") from error


def _layout(preset: str | None, selectors: Mapping[str, str]) -> LayoutPreset | None:
    """Return the layout that was asked for, or None if the page is read by its structure."""
    if preset is None:
        return layout_of(selectors) if selectors else None
    if preset in PRESETS and selectors:
        return layout_of(selectors, PRESETS[preset])
    if preset not in PRESETS:
        known = ", ".join(PRESETS)
        raise SourceError(f"A source of kind html has no preset {preset!r}. Choose one of: {known}.")
    return PRESETS[preset]


def _unstructured(name: str) -> SourceError:
    return SourceError(
        f"{name} has no items that can be recognised without help: no JSON-LD, no microdata,"
        " no article elements with a linked heading and a date. Give selectors; `sse-digest"
        " sources suggest` proposes some."
    )


# ------------------------------------------------------------------ the page


def _boxes(tree: LexborHTMLParser, layout: LayoutPreset) -> list[LexborNode]:
    """Return the elements with one item each: of nested list entries the outer, of nested cards the inner."""
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


def cards_of(tree: LexborHTMLParser, layout: LayoutPreset, base: str) -> tuple[ItemFields, ...]:
    """Return a layout's item elements, one more than are read, or none if none has a title or link."""
    boxes = _boxes(tree, layout)[: MAX_ITEMS + 1]
    hooks = ", ".join(filter(None, (layout.title, layout.link)))
    if not any(box.css_first(hooks) for box in boxes):
        return ()
    return make_cards(tree, boxes, layout, base)


def _is_empty(tree: LexborHTMLParser, layout: LayoutPreset) -> bool:
    """Return whether the list is there with nothing in it that could be an item in another dress."""
    if layout.item == layout.container or _boxes(tree, layout):
        return False
    lists = tree.css(layout.container)
    return bool(lists) and not any(node.css_first("a, h1, h2, h3, h4, h5, h6, time") for node in lists)


def _nothing(tree: LexborHTMLParser, layout: LayoutPreset, preset: str, name: str) -> SourceError:
    missing = (one for one in (layout.container, layout.title) if tree.css_first(one) is None)
    if (selector := next(missing, None)) is not None:
        return SourceError(
            f"{name} does not have the layout {preset!r}: nothing in it matches {selector!r}. Nothing was "
            "stored. Look at it in a browser: if its news is still there, the layout has changed, or it "
            "needs another preset."
        )
    return SourceError(
        f"{name} has the list of the layout {preset!r}, but no item in it. Look at it in a browser."
    )


def _base(tree: LexborHTMLParser, fallback: str) -> str:
    """Return the address links are relative to: what the page says, else `fallback`, else its own."""
    node = tree.css_first("base[href]")
    stated = absolute(node.attributes.get("href"), fallback) if node else None
    if stated is None and not fallback:
        node = tree.css_first("link[rel~=canonical][href]")
        stated = absolute(node.attributes.get("href"), "") if node else None
    return stated or fallback


def _next_page(tree: LexborHTMLParser, layout: LayoutPreset | None, base: str) -> str | None:
    """Return the address of the list's next page, if the page links to it."""
    selector = (layout and layout.next) or "link[rel~=next][href], a[rel~=next][href]"
    node = tree.css_first(selector)
    if node is not None and "href" not in node.attributes:
        node = node.css_first("a[href]")
    return None if node is None else absolute(node.attributes.get("href"), base)


def _links(tree: LexborHTMLParser, layout: LayoutPreset | None) -> int | None:
    """Count the links in the items, which tells text from menus."""
    return None if layout is None else len(tree.css(f":is({layout.item}) a[href], a[href]:is({layout.item})"))


def _page_language(tree: LexborHTMLParser) -> str | None:
    return primary_tag(tree.root.attributes.get("lang")) if tree.root else None


# ------------------------------------------------------------------ all items


def _found_by(cards: Sequence[ItemFields], layout: LayoutPreset | None, name: str) -> Sequence[str]:
    """Say for each item which hooks hit; without a layout, by what the page says to machines."""
    said: dict[tuple[str, ...], str] = {}
    for card in cards:
        if card.hooked not in said:
            hits = [f"{field} {getattr(layout, field)}" for field in card.hooked if layout is not None]
            hits = [f"item {layout.item}", *hits] if layout is not None else list(card.hooked)
            said[card.hooked] = f"{name}: {', '.join(hits)}" if layout is not None else ", ".join(hits)
    return [said[card.hooked] for card in cards]


def _items(
    cards: Sequence[ItemFields], found_by: Sequence[str], order: DateOrder | None, expected: str | None
) -> tuple[tuple[ReadItem, ...], tuple[str, ...]]:
    items, left_out = [], []
    has_strays = 0 < sum(map(_is_bare, cards)) <= _STRAYS * len(cards)
    for number, (card, found) in enumerate(zip(cards, found_by, strict=False), start=1):
        if not (card.title or card.summary):
            left_out.append(f"item {number} has neither a title nor a text and was left out")
        elif has_strays and _is_bare(card):
            left_out.append(f"item {number} has no title and no date, as the others have, and was left out")
        elif len(card.title or "") > _MAX_TITLE or len(card.summary or "") > _MAX_SUMMARY:
            begin = shorten(card.title or card.summary or "", 60)
            left_out.append(f"item {number} (“{begin}”) is far too long for a piece of news and was left out")
        else:
            items.append(_item(card, found, order, expected))
    return tuple(items), tuple(left_out)


def _is_bare(card: ItemFields) -> bool:
    """Return whether an item has neither title nor date, as an advertisement between the others."""
    return card.title is None and card.machine_date is None and card.date_text is None


def _item(card: ItemFields, found_by: str, order: DateOrder | None, expected: str | None) -> ReadItem:
    day, rule, warnings = _day(card, order)
    told = judge_language(" ".join(filter(None, (card.title, card.summary))), prior=expected)
    return ReadItem(
        credit=card.credit,
        kicker=card.kicker,
        title=card.title,
        published=day.published,
        precision=day.precision,
        date_text=card.date_text,
        place=day.place,
        summary=card.summary,
        language=told.tag,
        link=card.link,
        image_url=card.picture.url if card.picture else None,
        image_alt=card.picture.alt if card.picture else None,
        published_at=exact_time(card.machine_time, day),
        warnings=warnings,
        how=f"{found_by}; date by {rule}; language by {told.rule}",
    )


def _day(card: ItemFields, order: DateOrder | None) -> tuple[ReadDate, str, tuple[str, ...]]:
    """Read the date: the visible words win; where they do not say the day, the attribute does.

    Returns:
        The date, what gave it, and warnings.
    """
    seen, machine = read_date(card.date_text, order=order) if card.date_text else None, card.machine_date
    if seen is None and machine is None:
        said = "no date" if card.date_text is None else f"“{card.date_text}” is not a date"
        return ReadDate(), "nothing", (said,)
    if seen is None or (machine is not None and _says_more(machine, seen)):
        place = seen.place if seen is not None else None
        return ReadDate(published=machine, precision=Precision.DAY, place=place), "its attribute", ()
    if seen.published is not None and machine is not None and seen.precision is Precision.DAY:
        apart = abs((seen.published - machine).days)
        if apart > 1:
            told = f"the page shows {seen.published} but its metadata says {machine}"
            return seen, "its words", (told,)
    return seen, "its words", (seen.warning,) if seen.warning else ()


def _says_more(machine: date, seen: ReadDate) -> bool:
    """Return whether an attribute says the day that the words leave open.

    The first of a month is how programs store a month, so it says no day.
    """
    if seen.is_span:
        return False
    if seen.published is None:
        return True
    is_same_month = (machine.year, machine.month) == (seen.published.year, seen.published.month)
    return seen.precision is Precision.MONTH and is_same_month and machine.day > 1

"""Read a news page in HTML.

The selectors of a preset or source find the items; `item_fields` recognises other fields by their appearance.
If the selectors do not match, the page has no items: a changed layout, a login page or a cookie wall must
never be published as news.
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
"""The number of items of one page that are read; a list of news is far shorter."""

_MAX_TITLE = 1000  # characters; a longer title means that the page was misread
_MAX_SUMMARY = 20_000
_STRAYS = 0.25  # up to this share, items without title and date are left out; more belong to the layout


def read_page(page: Page, options: SourceOptions) -> Reading:
    """Read the page of a source of kind `html`.

    Raises:
        SourceError: as for `read_html`.
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
    """Read the items of a page, in order. The items have no sections.

    Args:
        data: the page; bytes are decoded by `decode_html`.
        base_url: the page's address, which relative links refer to; None: a saved file.
        preset: a key of `PRESETS`; None: use `selectors`.
        selectors: by the names in `selectors.FIELDS`; empty, without a preset: read structured data.
        language: of the page, if it does not state its own.
        charset: from the server; None if not stated.
        place: the page's name in messages; None: `base_url`.

    Raises:
        SourceError: the preset or a selector cannot be used, the data is not a web page, or it has no items.
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
        raise _nothing(tree, layout, preset, name) if layout else _unstructured(name)
    order = numeric_order(card.date_text for card in cards if card.date_text)
    found_by = _found_by(cards, layout, f"the preset {preset}" if preset else "selectors")
    items, left_out = _items(cards[:MAX_ITEMS], found_by, order, expected)
    if not items:
        raise SourceError(
            f"{name} has elements for items, but none has a title or a text. Look at it in a browser."
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
    """Return a page's tree, and the address that its relative links refer to, or "" for a file without one.

    Raises:
        SourceError: the page cannot be read as HTML.
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
    """Return the layout for a preset and selectors, or None if there are neither."""
    if preset is None:
        return layout_of(selectors) if selectors else None
    if preset in PRESETS and selectors:
        return layout_of(selectors, PRESETS[preset])
    if preset not in PRESETS:
        known = ", ".join(PRESETS)
        raise SourceError(f"There is no preset {preset!r} for the kind html. Choose one of: {known}.")
    return PRESETS[preset]


def _unstructured(name: str) -> SourceError:
    return SourceError(
        f"{name} has no items that can be recognised without help: no JSON-LD, no microdata,"
        " no article elements with a linked heading and a date. Set selectors; `sse-digest"
        " sources suggest` proposes some."
    )


# ------------------------------------------------------------------ the page


def _boxes(tree: LexborHTMLParser, layout: LayoutPreset) -> list[LexborNode]:
    """Return the elements with one item each: the outer of nested list entries, the inner of nested cards."""
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
    """Return up to `MAX_ITEMS` + 1 items of a layout; empty if no element has a title or link."""
    boxes = _boxes(tree, layout)[: MAX_ITEMS + 1]
    hooks = ", ".join(filter(None, (layout.title, layout.link)))
    if not any(box.css_first(hooks) for box in boxes):
        return ()
    return make_cards(tree, boxes, layout, base)


def _is_empty(tree: LexborHTMLParser, layout: LayoutPreset) -> bool:
    """Return whether the page has the list, and nothing in it could be an item in another layout."""
    if layout.item == layout.container or _boxes(tree, layout):
        return False
    lists = tree.css(layout.container)
    return bool(lists) and not any(node.css_first("a, h1, h2, h3, h4, h5, h6, time") for node in lists)


def _nothing(tree: LexborHTMLParser, layout: LayoutPreset, preset: str | None, name: str) -> SourceError:
    wanted = f"the layout {preset!r}" if preset else "the layout of its selectors"
    missing = (one for one in (layout.container, layout.title) if tree.css_first(one) is None)
    if (selector := next(missing, None)) is not None:
        return SourceError(
            f"{name} does not have {wanted}: nothing in it matches {selector!r}. Nothing was "
            "stored. Look at it in a browser: if its news is still there, the layout has changed, or the "
            "source needs another preset or other selectors."
        )
    return SourceError(
        f"{name} has the list of {wanted}, but there is no item in it. Look at it in a browser."
    )


def _base(tree: LexborHTMLParser, fallback: str) -> str:
    """Return the address that relative links refer to: <base>, else `fallback`, else the canonical link."""
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
    """Return the number of links in the items, by which menus are recognised; None without a layout."""
    return None if layout is None else len(tree.css(f":is({layout.item}) a[href], a[href]:is({layout.item})"))


def _page_language(tree: LexborHTMLParser) -> str | None:
    return primary_tag(tree.root.attributes.get("lang")) if tree.root else None


# ------------------------------------------------------------------ all items


def _found_by(cards: Sequence[ItemFields], layout: LayoutPreset | None, name: str) -> Sequence[str]:
    """Return the hooks that matched each item, in words; without a layout, the kind of structured data."""
    texts: dict[tuple[str, ...], str] = {}
    for card in cards:
        if card.hooked not in texts:
            hits = [f"{field} {getattr(layout, field)}" for field in card.hooked if layout is not None]
            hits = [f"item {layout.item}", *hits] if layout is not None else list(card.hooked)
            texts[card.hooked] = f"{name}: {', '.join(hits)}" if layout is not None else ", ".join(hits)
    return [texts[card.hooked] for card in cards]


def _items(
    cards: Sequence[ItemFields], found_by: Sequence[str], order: DateOrder | None, expected: str | None
) -> tuple[tuple[ReadItem, ...], tuple[str, ...]]:
    items, left_out = [], []
    has_strays = 0 < sum(map(_is_bare, cards)) <= _STRAYS * len(cards)
    for number, (card, found) in enumerate(zip(cards, found_by, strict=False), start=1):
        if not (card.title or card.summary):
            left_out.append(f"item {number} has neither a title nor a text and was left out")
        elif has_strays and _is_bare(card):
            left_out.append(f"item {number} has neither a title nor a date, unlike others, and was left out")
        elif len(card.title or "") > _MAX_TITLE or len(card.summary or "") > _MAX_SUMMARY:
            begin = shorten(card.title or card.summary or "", 60)
            left_out.append(f"item {number} (“{begin}”) is too long for a piece of news and was left out")
        else:
            items.append(_item(card, found, order, expected))
    return tuple(items), tuple(left_out)


def _is_bare(card: ItemFields) -> bool:
    """Return whether an item has neither title nor date, like an advertisement between items."""
    return card.title is None and card.machine_date is None and card.date_text is None


def _item(card: ItemFields, found_by: str, order: DateOrder | None, expected: str | None) -> ReadItem:
    day, rule, warnings = _day(card, order)
    guess = judge_language(" ".join(filter(None, (card.title, card.summary))), prior=expected)
    return ReadItem(
        credit=card.credit,
        kicker=card.kicker,
        title=card.title,
        published=day.published,
        precision=day.precision,
        date_text=card.date_text,
        place=day.place,
        summary=card.summary,
        language=guess.tag,
        link=card.link,
        image_url=card.picture.url if card.picture else None,
        image_alt=card.picture.alt if card.picture else None,
        published_at=exact_time(card.machine_time, day),
        warnings=warnings,
        how=f"{found_by}; date by {rule}; language by {guess.rule}",
    )


def _day(card: ItemFields, order: DateOrder | None) -> tuple[ReadDate, str, tuple[str, ...]]:
    """Return the date, where it was found, and warnings.

    The visible text counts; if it does not give the day, the `datetime` attribute counts.
    """
    seen, machine = read_date(card.date_text, order=order) if card.date_text else None, card.machine_date
    if seen is None and machine is None:
        warning = "no date" if card.date_text is None else f"“{card.date_text}” is not a date"
        return ReadDate(), "nothing", (warning,)
    if seen is None or (machine is not None and _says_more(machine, seen)):
        place = seen.place if seen is not None else None
        return ReadDate(published=machine, precision=Precision.DAY, place=place), "its attribute", ()
    if seen.published is not None and machine is not None and seen.precision is Precision.DAY:
        apart = abs((seen.published - machine).days)
        if apart > 1:
            warning = f"the page shows the date {seen.published}, but its metadata has {machine}"
            return seen, "its words", (warning,)
    return seen, "its words", (seen.warning,) if seen.warning else ()


def _says_more(machine: date, seen: ReadDate) -> bool:
    """Return whether the attribute gives the day and the visible text does not.

    Programs store a month as its first day, so the first of a month does not count as a day.
    """
    if seen.is_span:
        return False
    if seen.published is None:
        return True
    is_same_month = (machine.year, machine.month) == (seen.published.year, seen.published.month)
    return seen.precision is Precision.MONTH and is_same_month and machine.day > 1

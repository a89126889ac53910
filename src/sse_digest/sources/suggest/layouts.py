"""Find elements that repeat on a page, and selectors by which they could be read as a list of news. Pure.

The selectors are a proposal that a person checks, so this module may guess where readers must not.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence

from selectolax.lexbor import LexborHTMLParser, LexborNode

from sse_digest.sources.html.dom import text_of
from sse_digest.sources.html.item_fields import ItemFields, make_cards
from sse_digest.sources.html.selectors import layout_of
from sse_digest.sources.text.dates import read_date
from sse_digest.sources.text.line_types import is_credit, is_pager

MIN_ITEMS = 3
_MAX_ELEMENTS = 20_000  # links that are examined on one page
_MAX_ITEMS = 300
_TRIED = 25  # groups of elements that are examined in detail
_FEW_LINKS = 10  # a form with fewer links is for input
_SAMPLE = 8  # items of a group that are examined
_UNLINKED = 0.8  # factor of the score if titles are not links but other texts of their items are
_SHARE = 0.75  # of the items; a selector must match something in this share of them
_CLASS = re.compile(r"[A-Za-z_][\w-]{1,40}")
_ASIDE = frozenset(("nav", "header", "footer", "aside", "script", "style", "head", "svg"))
_HEADINGS = "h1, h2, h3, h4, h5, h6"
_HEADING = re.compile(r"h[1-6]\b|.* > h[1-6]$")
_TITLE = range(8, 300)  # characters of a title
_LINK = "a[href]"
_LINK_OF_WORDS = "a[href]:not(:has(img))"  # for items with a linked image before the linked title
_PROSE = 40  # characters; a shorter text is not a summary


def layouts(tree: LexborHTMLParser, base: str) -> tuple[tuple[float, Mapping[str, str]], ...]:
    """Return scores (0 to 1), each with selectors by which the page could be read, the best first."""
    groups = sorted(_groups(tree).items(), key=lambda one: _promise(one[1]), reverse=True)
    judged = []
    tried = groups[:_TRIED]
    for item, boxes in (*tried, *_narrower(tree, tried, base)):
        sample = boxes[:: max(1, len(boxes) // _SAMPLE)][:_SAMPLE]  # from all parts of the list
        inner = _inner(sample)
        for title in _titles(sample, inner):
            selectors = {"item": item, **title}
            selectors |= _fields(sample, inner, selectors)
            worth = _worth(make_cards(tree, sample, layout_of(selectors), base))
            worth *= 1.0 if _leads_there(sample, title.get("title", _HEADINGS)) else _UNLINKED
            if worth > 0:
                judged.append((worth * min(1.0, 0.7 + len(boxes) / 20), selectors))
    # Of two with the same score, the element with the whole item is better than one with its heading only.
    judged.sort(key=lambda one: (-one[0], _HEADING.match(one[1]["item"]) is not None, len(one[1]["item"])))
    return tuple(judged)


def _narrower(
    tree: LexborHTMLParser, groups: Sequence[tuple[str, Sequence[LexborNode]]], base: str
) -> Iterator[tuple[str, Sequence[LexborNode]]]:
    """Yield the elements with a date, from groups without a class in which most elements have one."""
    for item, boxes in groups:
        if "." in item.rpartition(" ")[2]:
            continue
        key = _LINK if _have_words(boxes, _LINK) else _HEADINGS
        cards = make_cards(tree, boxes, layout_of({"item": item, "title": key}), base)
        dated = [card.machine_date is not None or _is_date(card.date_text or "") for card in cards]
        if (narrower := narrowed(item, boxes, dated)) is not None:
            yield narrower, [box for box, is_dated in zip(boxes, dated, strict=True) if is_dated]


# ------------------------------------------------------------------ groups of elements


def _groups(tree: LexborHTMLParser) -> dict[str, list[LexborNode]]:
    """Return groups of elements that contain a link, by a short selector that matches the group."""
    found: dict[str, list[LexborNode]] = defaultdict(list)
    links = tree.css("body a[href]")[:_MAX_ELEMENTS]
    forms = _input_forms(tree, len(links))
    for link in links:
        above: LexborNode | None = link
        chain: list[LexborNode] = []
        while above is not None and above.tag not in {"body", *_ASIDE} and above.mem_id not in forms:
            chain.append(above)
            above = above.parent
        if above is None or above.tag == "body":
            for node in chain[:8]:
                for key in _keys(node):
                    if not found[key] or found[key][-1].mem_id != node.mem_id:
                        found[key].append(node)
    distinct: dict[tuple[int | None, ...], str] = {}  # one selector for each group of elements
    for key, nodes in sorted(found.items(), key=lambda one: len(one[0])):
        found[key] = boxes = _once(nodes)
        if MIN_ITEMS <= len(boxes) <= _MAX_ITEMS and not _nested(boxes):
            distinct.setdefault(tuple(box.mem_id for box in boxes), key)
    return {key: found[key] for key in distinct.values()}


def _input_forms(tree: LexborHTMLParser, links: int) -> frozenset[int | None]:
    """Return the forms for input, without those in which some systems put the whole page or list."""
    few = min(_FEW_LINKS, links / 2)
    return frozenset(form.mem_id for form in tree.css("form") if len(form.css("a[href]")) < few)


def _keys(node: LexborNode) -> Iterator[str]:
    tag = node.tag or ""
    yield from (f"{tag}.{name}" for name in _classes(node))
    parent = node.parent
    if parent is not None and parent.tag not in {None, "html"}:
        names = _names(parent)
        yield from (f"{name} > {tag}" for name in names)
        if not names:
            yield f"{parent.tag}:not([class]) > {tag}"
        if parent.parent is not None:  # tells the list from a copy of it in a side column
            yield from (f"{name} > {parent.tag} > {tag}" for name in _names(parent.parent))


def _names(node: LexborNode) -> list[str]:
    """Return selectors for the element around a list: by its id, and by its classes."""
    own = node.attributes.get("id") or ""
    ids = [f"{node.tag}#{own}"] if _CLASS.fullmatch(own) else []
    return ids + [f"{node.tag}.{name}" for name in _classes(node)]


def _classes(node: LexborNode) -> list[str]:
    names = (node.attributes.get("class") or "").split()
    return [name for name in names if _CLASS.fullmatch(name)][:6]


def _once(nodes: Sequence[LexborNode]) -> list[LexborNode]:
    return list({node.mem_id: node for node in nodes}.values())


def _nested(boxes: Sequence[LexborNode]) -> bool:
    ids = {box.mem_id for box in boxes}
    for box in boxes:
        above = box.parent
        while above is not None:
            if above.mem_id in ids:
                return True
            above = above.parent
    return False


def _promise(boxes: Sequence[LexborNode]) -> float:
    """Return a quick score of how much a group looks like news: many items, different links, some text."""
    sample = boxes[:_SAMPLE]
    lengths = [len(box.text(deep=True)) for box in sample]
    links = {link.attributes.get("href") for box in sample if (link := _link(box)) is not None}
    fit = sum(40 <= length <= 4000 for length in lengths) / len(sample)
    return fit * len(links) / len(sample) * min(len(boxes), 20) + min(sum(lengths) / len(sample), 600) / 200


def _link(box: LexborNode) -> LexborNode | None:
    return box if box.tag == "a" else box.css_first("a[href]")


# ------------------------------------------------------------------ inside an item


def _inner(sample: Sequence[LexborNode]) -> Mapping[str, Sequence[str]]:
    """Return the text of each item under each selector that most items match; "" for items that do not."""
    counts: dict[str, int] = defaultdict(int)
    for box in sample:
        inside = (node for node in box.css("[class], time, p")[:60] if node.mem_id != box.mem_id)
        keys = dict.fromkeys(key for node in inside for key in _own(node, box))  # always in the page's order
        for key in keys:
            counts[key] += 1
    wanted = [key for key, count in counts.items() if count >= _SHARE * len(sample)]
    texts = {}
    for key in wanted:
        nodes = [box.css_first(key) for box in sample]
        texts[key] = [text_of(node) if node is not None else "" for node in nodes]
    return texts


def _own(node: LexborNode, box: LexborNode) -> Iterator[str]:
    if node.tag == "time":
        yield "time"
    names = _classes(node)
    yield from (f"{node.tag}.{name}" for name in names)
    if node.tag == "p" and not names:
        yield _by_place(node, box)


def _by_place(node: LexborNode, box: LexborNode) -> str:
    """Return a selector for an element without a class: by the nearest ancestor in the item that has one."""
    above = node.parent
    while above is not None and above.mem_id != box.mem_id:
        if names := _classes(above):
            return f"{above.tag}.{names[0]} {node.tag}"
        above = above.parent
    return node.tag or ""


def _titles(sample: Sequence[LexborNode], inner: Mapping[str, Sequence[str]]) -> Iterator[Mapping[str, str]]:
    """Yield selectors for the title: empty for a heading, else by class, and last the link."""
    if sum(box.css_first(_HEADINGS) is not None for box in sample) >= _SHARE * len(sample):
        yield {}
        return
    fit = {
        key: texts
        for key, texts in inner.items()
        if len(set(texts)) > 0.9 * len(texts)
        and all(not text or (len(text) in _TITLE and not _is_other(text)) for text in texts)
    }
    for key, texts in fit.items():
        named = [node for box in sample if (node := box.css_first(key)) is not None]
        if not any(map(_around(texts), fit.values())) and not any(map(_other_inside, named)):
            yield {"title": key}
    yield {"title": _LINK if _have_words(sample, _LINK) else _LINK_OF_WORDS}


def _leads_there(sample: Sequence[LexborNode], title: str) -> bool:
    """Return whether the titles are links, or no other texts in their items are."""
    for box in sample:
        node = box.css_first(title)
        links = [
            link for link in box.css(_LINK) if len(words := text_of(link)) in _TITLE and not is_pager(words)
        ]
        if node is None or node.css_first(_LINK) is not None or not links:
            continue
        ours = {node.mem_id, *(inner.mem_id for inner in node.css("*"))}
        if not any(link.mem_id in ours or _holds(link, node) for link in links):
            return False
    return True


def _holds(around: LexborNode, node: LexborNode) -> bool:
    above: LexborNode | None = node
    while above is not None and above.mem_id != around.mem_id:
        above = above.parent
    return above is not None


def _have_words(sample: Sequence[LexborNode], key: str) -> bool:
    named = (box.css_first(key) for box in sample)
    return sum(node is not None and bool(text_of(node)) for node in named) >= _SHARE * len(sample)


def _around(texts: Sequence[str]) -> Callable[[Sequence[str]], bool]:
    """Return a function that returns whether these texts contain those of another element, and more."""

    def holds(others: Sequence[str]) -> bool:
        pairs = list(zip(texts, others, strict=True))
        return all(other in text for text, other in pairs) and any(other != text for text, other in pairs)

    return holds


def _fields(
    sample: Sequence[LexborNode], inner: Mapping[str, Sequence[str]], known: Mapping[str, str]
) -> Mapping[str, str]:
    """Return selectors for the date and the summary, if they have an element of their own in most items."""
    fields: dict[str, str] = {}
    dates = [key for key, texts in inner.items() if sum(map(_is_date, texts)) >= _SHARE * len(sample)]
    if dates:
        fields["date"] = min(dates, key=lambda key: (key != "time", len(key)))
    title = known.get("title", _HEADINGS)
    titles = [text_of(node) if (node := box.css_first(title)) is not None else "" for box in sample]
    prose = {
        key: sum(map(len, texts)) / max(1, sum(map(bool, texts)))
        for key, texts in inner.items()
        if not any(one and one in text for one in titles for text in texts)
        and sum(map(_is_prose, texts)) >= 0.5 * len(sample)
    }
    leaves = [key for key in prose if not _holds_more(sample, key)]
    if leaves:
        # Of two with the same text, the inner one comes last; a class is more reliable than a position.
        fields["summary"] = max(reversed(leaves), key=lambda key: (prose[key], " " not in key))
    return fields


def _holds_more(sample: Sequence[LexborNode], key: str) -> bool:
    """Return whether the element contains more than a summary: a heading, a list, a date or the like."""
    nodes = (node for box in sample if (node := box.css_first(key)) is not None)
    return any(
        node.css_first(f"{_HEADINGS}, time, li, h5") is not None or _other_inside(node) for node in nodes
    )


def _other_inside(node: LexborNode) -> bool:
    return any(_is_other(text_of(child)) for child in node.iter())


def _is_date(text: str) -> bool:
    return read_date(text) is not None


def _is_prose(text: str) -> bool:
    return len(text) >= _PROSE and not _is_other(text)


def _is_other(text: str) -> bool:
    return is_credit(text) or is_pager(text) or _is_date(text)


# ------------------------------------------------------------------ what it would give


def _holds_day(title: str, card: ItemFields) -> bool:
    """Return whether a title contains the date, because it is the item's whole text."""
    return bool(card.date_text) and str(card.date_text) in title


def _worth(cards: Sequence[ItemFields]) -> float:
    """Return a score: 1 if every item has its own title, link, date and summary."""
    count = len(cards)
    titles = [
        title
        for card in cards
        if (title := card.title)
        and len(title) in _TITLE
        and not (_is_other(title) or _holds_day(title, card))
    ]
    links = {card.link for card in cards if card.link}
    dated = sum(card.machine_date is not None or _is_date(card.date_text or "") for card in cards)
    summaries = {card.summary for card in cards if card.summary and len(card.summary) >= _PROSE}
    scraps = sum(bool(card.summary) and len(card.summary or "") < _PROSE for card in cards)
    if len(set(titles)) < _SHARE * count or len(links) < _SHARE * count:
        return 0.0
    return (
        0.3 * len(set(titles)) + 0.2 * len(links) + 0.35 * dated + 0.15 * len(summaries) - 0.1 * scraps
    ) / count


_MOSTLY = 0.6  # of the elements; if fewer have a date, this is not a list of news
_MAX_CHILDREN = 20


def narrowed(item: str, boxes: Sequence[LexborNode], dated: Sequence[bool]) -> str | None:
    """Return a selector for only the elements with a date, by a child that only they have, or None.

    Args:
        item: a selector that matches all of the elements.
        boxes: the elements.
        dated: for each element, whether it has a date.
    """
    count = sum(dated)
    if not _MOSTLY * len(boxes) <= count < len(boxes):
        return None
    signs = [list(_signs(box)) for box in boxes]
    ours = [set(found) for found, is_dated in zip(signs, dated, strict=True) if is_dated]
    others = [found for found, is_dated in zip(signs, dated, strict=True) if not is_dated]
    telling = set.intersection(*ours).difference(*others)
    return f"{item}:has({min(telling, key=lambda sign: (len(sign), sign))})" if telling else None


def _signs(box: LexborNode) -> Iterator[str]:
    for place, child in enumerate(box.iter()):
        if place == _MAX_CHILDREN:
            return
        yield f"> {child.tag}"
        if place == 0:
            yield f"> {child.tag}:first-child"

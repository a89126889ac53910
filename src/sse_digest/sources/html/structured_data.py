"""Read a page without preset or selectors from its structured data or its HTML structure.

It tries JSON-LD, then microdata (both schema.org), then `article` elements with a linked heading and a date.
Each needs at least two complete items: fewer are not a list of news, and nothing is guessed from them.
"""

from collections.abc import Iterator, Sequence

from selectolax.lexbor import LexborHTMLParser, LexborNode

from sse_digest.sources.html.dom import text_of
from sse_digest.sources.html.fragments import summary_text
from sse_digest.sources.html.images import ImageCandidate, picture_in
from sse_digest.sources.html.item_fields import ItemFields, machine_date, machine_time, make_cards
from sse_digest.sources.html.json_ld import TYPES, said_articles, said_credit, said_picture, said_word
from sse_digest.sources.presets import LayoutPreset
from sse_digest.sources.text.dates import read_date
from sse_digest.sources.text.plain_text import plain_text
from sse_digest.sources.text.urls import absolute

MIN_ITEMS = 2
_MAX_SUMMARY = 5000
_HEADINGS = "h1, h2, h3, h4, h5, h6"
_ARTICLE = LayoutPreset(item="article", container="article", title=_HEADINGS, date="time", home="")


def cards_by_structure(tree: LexborHTMLParser, base: str) -> tuple[ItemFields, ...]:
    """Return the page's items as the first successful method finds them; empty if none succeeds."""
    for way in (_json_ld, _microdata, _articles):
        cards = tuple(way(tree, base))
        if len(cards) >= MIN_ITEMS and len({card.link or card.title for card in cards}) >= MIN_ITEMS:
            return cards
    return ()


# ------------------------------------------------------------------ JSON-LD


def _json_ld(tree: LexborHTMLParser, base: str) -> Iterator[ItemFields]:
    seen: set[tuple[str, str | None]] = set()
    for article in said_articles(tree):
        card = _card(
            title=said_word(article, "headline", "name"),
            link=absolute(said_word(article, "url", "@id") or said_word(article, "mainEntityOfPage"), base),
            day=said_word(article, "datePublished", "dateCreated"),
            summary=said_word(article, "description", "abstract"),
            kicker=said_word(article, "articleSection"),
            credit=said_credit(article),
            picture=said_picture(article, base),
            way="JSON-LD",
        )
        if card.title and card.link and (card.title, card.link) not in seen:
            seen.add((card.title, card.link))
            yield card


def _card(
    *,
    title: str,
    link: str | None,
    day: str,
    summary: str,
    kicker: str,
    credit: str,
    picture: ImageCandidate | None,
    way: str,
) -> ItemFields:
    machine = machine_date(day)
    return ItemFields(
        title=summary_text(title, length=1000),
        link=link,
        credit=(credit if credit.startswith("©") else f"© {credit}") if credit else None,
        kicker=kicker or None,
        summary=summary_text(summary, length=_MAX_SUMMARY),
        date_text=day or None if machine is None else None,
        machine_date=machine,
        machine_time=machine_time(day),
        picture=picture,
        hooked=(way,),
    )


# ------------------------------------------------------------------ microdata


def _microdata(tree: LexborHTMLParser, base: str) -> Iterator[ItemFields]:
    for box in tree.css("[itemscope][itemtype]"):
        kinds = {kind.rpartition("/")[2] for kind in (box.attributes.get("itemtype") or "").split()}
        if not kinds & TYPES:
            continue
        link = box.css_first("a[itemprop~=url], link[itemprop~=url], [itemprop~=headline] a, a[href]")
        title = _property(box, "headline") or _property(box, "name")
        if title and link is not None:
            yield _card(
                title=title,
                link=absolute(link.attributes.get("href"), base),
                day=_property(box, "datePublished"),
                summary=_property(box, "description") or _property(box, "abstract"),
                kicker=_property(box, "articleSection"),
                credit=_property(box, "creditText"),
                picture=picture_in(box, base, "img[itemprop~=image]") or picture_in(box, base),
                way="microdata",
            )


def _property(box: LexborNode, name: str) -> str:
    node = box.css_first(f"[itemprop~={name}]")
    if node is None:
        return ""
    value = node.attributes.get("content") or node.attributes.get("datetime")
    return plain_text(value) if value else text_of(node)


# ------------------------------------------------------------------ article, heading, time


def _articles(tree: LexborHTMLParser, base: str) -> Sequence[ItemFields]:
    """Return the `article` elements with a linked heading; empty if fewer than half of them have a date."""
    boxes = [
        box
        for box in tree.css("article")
        if all(inner.mem_id == box.mem_id for inner in box.css("article"))
        and (heading := box.css_first(_HEADINGS)) is not None
        and _is_linked(heading, box)
    ]
    ways = ("article elements with a heading",)
    cards = tuple(card._replace(hooked=ways) for card in make_cards(tree, boxes, _ARTICLE, base))
    dated = [
        card
        for card in cards
        if card.machine_date or (card.date_text and read_date(card.date_text) is not None)
    ]
    return cards if 2 * len(dated) >= len(cards) else ()


def _is_linked(heading: LexborNode, box: LexborNode) -> bool:
    if heading.css_first("a[href]") is not None:
        return True
    above = heading.parent
    while above is not None and above.mem_id != box.mem_id:
        if above.tag == "a":
            return True
        above = above.parent
    return box.parent is not None and box.parent.tag == "a"

"""Read an item's own page: its address, its lead image with credit and description, its body, its exact time.

The page is read in a reader process, like every page. The body is the part of the page with most of its
paragraphs. An own page never makes an item, and never gives its title or summary: the listing does.
"""

import json
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from sse_digest.errors import SourceError
from sse_digest.model.significant_change import same_picture
from sse_digest.sources.html.dom import text_of
from sse_digest.sources.html.fragments import body_html
from sse_digest.sources.html.images import ImageCandidate, alt_text, picture_in
from sse_digest.sources.html.item_fields import machine_date, machine_time
from sse_digest.sources.html.json_ld import said_articles, said_credit, said_picture, said_word
from sse_digest.sources.html.page_checks import page_signs, with_article
from sse_digest.sources.kinds.html import parse_page
from sse_digest.sources.kinds.sandbox import bound, run_contained
from sse_digest.sources.options import SourceOptions
from sse_digest.sources.page import Page
from sse_digest.sources.text.line_types import is_credit
from sse_digest.sources.text.plain_text import plain_text
from sse_digest.sources.text.urls import absolute, canonical

_CHILD = "from sse_digest.sources.own_pages.extract import answer; answer()"
_PARAGRAPH = 40  # characters; shorter paragraphs belong to menus
_ENOUGH = 200  # characters of all paragraphs; a page with fewer has no body
_MOST = 0.8  # the share of the paragraphs' characters that the body contains, at least
_NOT_BODY = "nav, aside, footer, header nav, form, script, style, noscript, template, h1, [hidden]"
_MAX_TITLES = 8
_MAX_TITLE = 1000  # characters; the rest of a longer heading is ignored
_CREDIT_BEHIND = re.compile(
    r"(?P<signed>©[^©]{2,120})$"
    r"|\b(?:photos?|fotos?|imagen?|bild|фото|صورة|(?:photo )?credits?|crédits?(?: photos?)?)"
    r"\s?:\s*(?P<named>[^:.©]{3,100})\.?$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnPage:
    """The fields of an item's own page; a field that the page does not have is None."""

    titles: tuple[str, ...] = ()  # everything on the page that may be its title
    link: str | None = None  # the canonical address that the page states, on its own host
    image_url: str | None = None
    image_alt: str | None = None
    credit: str | None = None  # beginning with ©
    body: str | None = None
    day: str | None = None  # ISO 8601, with time and offset if the page states them


async def read_own_page(page: Page, source: SourceOptions) -> OwnPage:
    """Read an item's own page in a reader process.

    Raises:
        SourceError: it is not a web page, calls itself a sign-in page or the like, or takes too much time or
            memory.
    """
    output = await run_contained(_CHILD, page, source)
    try:
        answered: dict[str, Any] = json.loads(output)
        if "problem" in answered:
            raise SourceError(str(answered["problem"]))
        return OwnPage(**{**answered, "titles": tuple(answered["titles"])})
    except (ValueError, TypeError, KeyError) as error:
        raise SourceError(f"{page.place} could not be read. Please report this.") from error


def answer() -> None:
    """Read the page on standard input, and write its fields, or the problem, to standard output as JSON."""
    bound()
    head, _, data = sys.stdin.buffer.read().partition(b"\n")
    page = Page(data=data, **json.loads(head)["page"])
    try:
        result = asdict(own_page_of(page))
    except SourceError as error:
        result = {"problem": str(error)}
    sys.stdout.write(json.dumps(result))


def own_page_of(page: Page) -> OwnPage:
    """Read an item's own page in this process. Pure.

    Raises:
        SourceError: it is not a web page, or calls itself a sign-in page or the like.
    """
    guard = page_signs(page).guard
    if guard is not None:
        raise SourceError(f"{page.place} calls itself {with_article(guard)}, so it was not used.")
    tree, base = parse_page(page)
    article: Mapping[str, Any] = next(said_articles(tree), {})
    titles, day = tuple(_titles(tree, article)), _day(tree, article)
    part = _part(tree)
    picture, credit = _picture(tree, article, part, base)
    return OwnPage(
        titles=titles,
        link=_own_address(tree, page.url, base),
        image_url=picture.url if picture else None,
        image_alt=picture.alt if picture else None,
        credit=credit,
        body=body_html(part.html, base) if part is not None else None,
        day=day,
    )


def _titles(tree: LexborHTMLParser, article: Mapping[str, Any]) -> Iterator[str]:
    found = [said_word(article, "headline", "name"), _meta(tree, "og:title"), _meta(tree, "twitter:title")]
    found += [text_of(node) for node in tree.css("h1")[:_MAX_TITLES]]
    found += [plain_text(node.text()) for node in tree.css("head > title")[:1]]
    yield from (title[:_MAX_TITLE] for title in found if title)


def _meta(tree: LexborHTMLParser, *names: str) -> str:
    for name in names:
        node = tree.css_first(f'meta[property="{name}"], meta[name="{name}"]')
        if node is not None and (content := plain_text(node.attributes.get("content") or "")):
            return content
    return ""


def _own_address(tree: LexborHTMLParser, url: str | None, base: str) -> str | None:
    """Return the canonical address that a page states, or None if it is on another host or above the page.

    Some sites state the address of their home page or of a section on all pages.
    """
    node = tree.css_first('link[rel~="canonical"][href]')
    stated = absolute(node.attributes.get("href") if node else _meta(tree, "og:url"), base)
    folded, here = canonical(stated), canonical(url)
    if stated is None or folded is None or here is None:
        return None
    own, page = urlsplit(folded), urlsplit(here)
    is_above = f"{page.path}/".startswith(f"{own.path.rstrip('/')}/")
    is_home = is_above and (own.path != page.path or (page.query and not own.query))
    return stated if own.netloc == page.netloc and not is_home else None


def _day(tree: LexborHTMLParser, article: Mapping[str, Any]) -> str | None:
    words = [said_word(article, "datePublished"), _meta(tree, "article:published_time", "datePublished")]
    node = tree.css_first("[itemprop~=datePublished]")
    if node is not None:
        words += [node.attributes.get("content") or "", node.attributes.get("datetime") or ""]
    for one in words:
        if (day := machine_date(one)) is not None:
            return machine_time(one) or day.isoformat()
    return None


# ------------------------------------------------------------------ text


def _part(tree: LexborHTMLParser) -> LexborNode | None:
    """Return the smallest element with most of the page's paragraphs, or None if there is too little text.

    Menus, forms and the like are removed from the tree first.
    """
    for node in tree.css(_NOT_BODY):
        node.decompose()
    stated = tree.css_first("[itemprop~=articleBody]")
    if stated is not None and len(text_of(stated)) >= _ENOUGH:
        return stated
    weights: dict[int, int] = {}
    holders: dict[int, LexborNode] = {}
    total = 0
    for paragraph in _scope(tree).css("p, li"):
        length = len(text_of(paragraph))
        if length < _PARAGRAPH:
            continue
        total += length
        above = paragraph.parent
        while above is not None:
            weights[above.mem_id] = weights.get(above.mem_id, 0) + length
            holders[above.mem_id] = above
            above = above.parent
    if total < _ENOUGH:
        return None
    # Inner elements were added first, so that they win against outer ones of the same weight.
    least = min((weight for weight in weights.values() if weight >= _MOST * total), default=None)
    return next((holders[at] for at, weight in weights.items() if weight == least), None)


def _scope(tree: LexborHTMLParser) -> LexborHTMLParser | LexborNode:
    """Return the element marked as the page's article or main part, or the whole page."""
    for selector in ("article", "main, [role=main]"):
        found = tree.css(selector)
        if len(found) == 1:
            return found[0]
    return tree


# ------------------------------------------------------------------ image


def _picture(
    tree: LexborHTMLParser, article: Mapping[str, Any], part: LexborNode | None, base: str
) -> tuple[ImageCandidate | None, str | None]:
    """Return the lead image with its description, and its credit: from metadata, or from the first figure."""
    boxes = tree.css("figure")
    if part is not None:
        boxes = [box for box in boxes if _is_inside(box, part)] or boxes
    stated = said_picture(article, base) or _stated_picture(tree, base)
    credit = said_credit(article)
    for box in boxes:
        shown = picture_in(box, base)
        if shown is None or (stated is not None and not same_picture(stated.url, shown.url)):
            continue
        words = credit or _credit_in(box)
        alt = (stated.alt if stated else None) or shown.alt
        return ImageCandidate(url=(stated or shown).url, alt=alt), _signed(words)
    return stated, _signed(credit)


def _credit_in(box: LexborNode) -> str | None:
    """Return the credit in a figure, from its own element or the end of the caption, or None."""
    texts = [text_of(node) for node in box.css("*")]
    own = next(filter(is_credit, texts), None)
    if own is not None:
        return own
    behind = (match for text in texts if (match := _CREDIT_BEHIND.search(text)) is not None)
    return next((match["signed"] or match["named"] for match in behind), None)


def _stated_picture(tree: LexborHTMLParser, base: str) -> ImageCandidate | None:
    url = absolute(_meta(tree, "og:image:secure_url", "og:image", "twitter:image"), base)
    return (
        ImageCandidate(url=url, alt=alt_text(_meta(tree, "og:image:alt", "twitter:image:alt")))
        if url
        else None
    )


def _is_inside(box: LexborNode, part: LexborNode) -> bool:
    above = box.parent
    while above is not None and above.mem_id != part.mem_id:
        above = above.parent
    return above is not None


def _signed(credit: str | None) -> str | None:
    if not credit:
        return None
    return credit if is_credit(credit) else f"© {credit}"

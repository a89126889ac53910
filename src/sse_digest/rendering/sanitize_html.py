"""The allow-list for whole texts of items: HTML that may be in a feed, on a page or in a mail as it is.

What runs, loads by itself, styles, frames, asks for input or counts readers is taken out, whatever its
disguise. Addresses become absolute http(s) ones or go. Cleaning twice changes nothing.
"""

from html import unescape
from urllib.parse import urljoin

import nh3
from selectolax.lexbor import LexborHTMLParser

from sse_digest.rendering.sanitize_text import web_link, whole_characters

_TAGS = frozenset(
    (
        *("a", "abbr", "b", "blockquote", "br", "caption", "cite", "code", "dd", "del", "dfn", "div", "dl"),
        *("dt", "em", "figcaption", "figure", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "kbd"),
        *("li", "mark", "ol", "p", "pre", "q", "s", "small", "strong", "sub", "sup", "table", "tbody", "td"),
        *("tfoot", "th", "thead", "tr", "u", "ul"),
    )
)
_EMPTIED = frozenset(  # whose words are no words of the text
    (
        *("script", "style", "iframe", "object", "noscript", "template", "svg", "math", "form", "button"),
        *("select", "textarea", "audio", "video", "canvas", "title", "head"),
    )
)
_ATTRIBUTES = {
    "a": {"href"},
    "img": {"src", "alt"},
    "abbr": {"title"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "*": {"dir", "lang"},
}
_ADDRESSES = frozenset({"href", "src"})
_SMALL = 2  # pixels: an image that small counts readers


def allowed_html(fragment: str, base: str = "") -> str:
    """Return what of an HTML fragment is on the list; empty where no word and no image is left.

    Args:
        fragment: of whatever origin.
        base: the address its links are relative to; "": relative ones are taken out.
    """

    def attribute(_tag: str, name: str, value: str) -> str | None:
        return _absolute(value, base) if name in _ADDRESSES else value

    cleaned = nh3.clean(
        _without_blind_images(whole_characters(fragment), base),
        tags=set(_TAGS),
        clean_content_tags=set(_EMPTIED),
        attributes=_ATTRIBUTES,
        attribute_filter=attribute,
        link_rel=None,
        url_schemes={"http", "https"},
    ).strip()
    words = unescape(nh3.clean(cleaned, tags=set()))
    return cleaned if "<img " in cleaned or any(map(str.isalnum, words)) else ""


def _without_blind_images(fragment: str, base: str) -> str:
    """Take out images that have no address of the web, or only count who reads."""
    if "<img" not in fragment.lower():
        return fragment
    tree = LexborHTMLParser(fragment.encode("utf-8", "replace"))
    for image in tree.css("img"):
        if _absolute(image.attributes.get("src") or "", base) is None or _is_small(image.attributes):
            image.decompose()
    return (tree.body.inner_html or "") if tree.body is not None else ""


def _is_small(attributes: dict[str, str | None]) -> bool:
    sizes = [(attributes.get(name) or "").removesuffix("px") for name in ("width", "height")]
    return any(size.isdecimal() and int(size) <= _SMALL for size in sizes)


def _absolute(address: str, base: str) -> str | None:
    try:
        return web_link(urljoin(base, address.strip()))
    except ValueError:
        return None

"""Sanitise whole texts of items to HTML that is safe in a feed, a page or a mail.

Elements and attributes are kept only if they are on the allow-list: no scripts, automatic loading, styles,
frames, input or tracking images. Addresses become absolute http(s) addresses or are removed. Sanitising twice
changes nothing.
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
_EMPTIED = frozenset(  # removed with their content
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
_SMALL = 2  # pixels; smaller images are for tracking


def allowed_html(fragment: str, base: str = "") -> str:
    """Return the sanitised HTML of a fragment; empty if it has neither words nor images.

    Args:
        fragment: untrusted HTML.
        base: address that relative links are resolved against; "" removes relative links.
    """

    def attribute(_tag: str, name: str, value: str) -> str | None:
        return _absolute(value, base) if name in _ADDRESSES else value

    cleaned = nh3.clean(
        _without_useless_images(whole_characters(fragment), base),
        tags=set(_TAGS),
        clean_content_tags=set(_EMPTIED),
        attributes=_ATTRIBUTES,
        attribute_filter=attribute,
        link_rel=None,
        url_schemes={"http", "https"},
    ).strip()
    words = unescape(nh3.clean(cleaned, tags=set()))
    return cleaned if "<img " in cleaned or any(map(str.isalnum, words)) else ""


def _without_useless_images(fragment: str, base: str) -> str:
    """Remove images without a web address and tracking images."""
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

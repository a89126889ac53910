"""Turn HTML fragments from feeds and notes into plain text or harmless HTML.

A sanitiser removes everything that could run, load or hide before the text is read.
"""

import re
from html import unescape

import nh3
from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from sse_digest.model.items import shorten
from sse_digest.rendering.sanitize_html import allowed_html
from sse_digest.sources.html.dom import text_of
from sse_digest.sources.text.plain_text import plain_text

MAX_LENGTH = 200_000
"""Characters of a fragment that are read; the rest is ignored."""

MAX_BODY = 100_000
"""Characters of an item's sanitised body; a longer one is dropped, because truncated HTML is not usable."""

_MAX_DEPTH = 300  # of nested elements; people do not write deeper HTML
_KEPT = frozenset(
    (
        *("a", "abbr", "b", "blockquote", "br", "cite", "code", "dd", "div", "dl", "dt", "em", "h1", "h2"),
        *("h3", "h4", "h5", "h6", "hr", "i", "li", "ol", "p", "pre", "q", "s", "small", "span", "strong"),
        *("sub", "sup", "table", "tbody", "td", "th", "thead", "time", "tr", "u", "ul"),
    )
)
_EMPTIED = frozenset(("script", "style", "iframe", "object", "noscript", "template", "svg", "math"))
_MARKED = re.compile(r"</?[a-zA-Z!][^>]*>|&(?:#\d+|#x[0-9a-fA-F]+|\w+);")
_TAG = re.compile(r"<(/?)([a-zA-Z][\w-]*)[^<>]*>")
_NO_END = frozenset(("area", "br", "col", "hr", "img", "input", "wbr", "p", "li"))  # may lack an end tag


def fragment_text(fragment: str) -> str:
    """Return the visible text of an HTML fragment on one line, or "" if there is none."""
    cut = fragment[:MAX_LENGTH]
    if not _MARKED.search(cut):
        return plain_text(cut)
    if _depth(cut) > _MAX_DEPTH:
        return plain_text(unescape(_TAG.sub(" ", cut)))
    try:
        tree = LexborHTMLParser(
            nh3.clean(cut, tags=set(_KEPT), clean_content_tags=set(_EMPTIED)).encode("utf-8", "replace")
        )
    except SelectolaxError:
        return plain_text(unescape(_TAG.sub(" ", cut)))
    return text_of(tree.body) if tree.body is not None else ""


def body_html(fragment: str | None, base: str) -> str | None:
    """Return an item's body as harmless HTML, or None if it is empty, too long or nested too deeply.

    Args:
        fragment: the HTML from the source.
        base: the address that relative links refer to.
    """
    if not fragment or len(fragment) > MAX_LENGTH or _depth(fragment) > _MAX_DEPTH:
        return None
    body = allowed_html(fragment, base)
    return body if 0 < len(body) <= MAX_BODY else None


def summary_text(fragment: str, *, length: int) -> str | None:
    """Return the text of a fragment, cut at the end of a word, or None if there is none."""
    return shorten(fragment_text(fragment), length) or None


def _depth(text: str) -> int:
    depth = deepest = 0
    for match in _TAG.finditer(text):
        if match[2].lower() not in _NO_END:
            depth = max(0, depth - 1) if match[1] else depth + 1
            deepest = max(deepest, depth)
    return deepest

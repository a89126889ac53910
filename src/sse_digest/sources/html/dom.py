"""Decode HTML, and split an element into pieces of text.

A piece is what a reader sees as one unit: `<p>The <em>ILO</em> said</p>` is one piece, two spans side by side
are two. Pages may be nested to any depth, so every traversal is a loop, not a recursion.
"""

import re
from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

from selectolax.lexbor import LexborNode

from sse_digest.sources.page import Page, refuse_binary
from sse_digest.sources.text.charsets import decode
from sse_digest.sources.text.line_types import is_pager, leads_on
from sse_digest.sources.text.plain_text import plain_text

_META = re.compile(rb"<meta[^>]{1,200}?charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
_META_WITHIN = 4096  # bytes; the standard requires 1024, but pages exceed it
_LANGUAGE = re.compile(rb"<html[^>]{0,500}?\slang\s*=\s*[\"']?([A-Za-z]{2,3})\b", re.IGNORECASE)

_SILENT = frozenset(  # elements without visible text of the page
    (
        *("script", "style", "noscript", "template", "svg", "math", "iframe", "object", "select"),
        *("datalist", "button", "head", "audio", "video", "canvas"),
    )
)
_INSIDE_TEXT = frozenset(  # elements that may be in the middle of a sentence
    (
        *("a", "abbr", "b", "bdi", "bdo", "cite", "code", "data", "del"),
        *("dfn", "em", "font", "i", "ins", "kbd", "mark", "nobr", "q"),
        *("ruby", "s", "samp", "small", "span", "strike", "strong", "sub", "sup"),
        *("time", "tt", "u", "var", "wbr"),
    )
)
_BOXES = frozenset(("a", "data", "span", "time"))  # inline elements that may also be a piece of their own
_MAY_DIVIDE = _BOXES | {"b", "cite", "em", "i", "small", "strong"}
_PROSE = frozenset(("p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote"))


class TextPiece(NamedTuple):
    """One unit of text, or an element that is kept whole."""

    node: LexborNode  # the element that contains all of it
    text: str  # plain and never empty; always empty if `whole`, because such elements are read separately
    whole: bool = False  # an element of `keep`


def decode_html(data: bytes, *, charset: str | None, place: str) -> tuple[str, str | None]:
    """Decode a page.

    Args:
        data: the bytes of the page.
        charset: from the server; None if not stated.
        place: the page's name in messages.

    Returns:
        The text, and a warning if the stated charset is wrong or some bytes could not be decoded; else None.

    Raises:
        SourceError: the bytes are not text.
    """
    refuse_binary(Page(data=data, place=place))
    head = data[:_META_WITHIN]
    meta, language = _META.search(head), _LANGUAGE.search(head)
    stated = (charset, meta.group(1).decode("ascii", "replace") if meta else None)
    return decode(data, stated, language=language.group(1).decode("ascii").lower() if language else None)


def text_of(node: LexborNode) -> str:
    """Return the visible text of an element on one line, or "" if there is none."""
    child = node.first_child
    if child is not None and child.tag == "-text" and child.next is None:  # true of most elements
        return plain_text(child.text_content or "")
    return " ".join(piece.text for piece in pieces(node))


def pieces(
    root: LexborNode,
    keep: Collection[LexborNode] = (),
    *,
    stands_alone: Callable[[str], bool] = lambda _: False,
) -> list[TextPiece]:
    """Return the pieces of text inside `root`, in order.

    Args:
        root: an element.
        keep: elements inside it that are kept whole.
        stands_alone: returns whether a text, such as a date line, is never part of running text.
    """
    kept = {node.mem_id for node in keep}
    found: list[TextPiece] = []
    words: list[str] = []
    styled: dict[int, bool] = {}
    opened: list[tuple[LexborNode, bool]] = []  # the elements around the node, and whether each divides texts

    node, holder = root.first_child, root
    while node is not None:
        tag = node.tag or ""
        if tag == "-text":
            holder = holder if words else node.parent or holder
            words.append(node.text_content or "")
        else:
            is_whole = bool(kept) and node.mem_id in kept
            is_apart = is_whole or (tag not in _INSIDE_TEXT and tag != "-comment")
            divides = is_apart or (tag in _MAY_DIVIDE and _divides(node, tag, styled, stands_alone))
            if divides and words:
                words = _flushed(words, holder, found)
            if is_whole:
                found.append(TextPiece(node, "", whole=True))
            elif tag not in _SILENT and (inside := node.first_child) is not None:
                opened.append((node, divides))
                node = inside
                continue
        following = node.next
        while following is None and opened:
            outer, divides = opened.pop()
            if divides and words:
                words = _flushed(words, holder, found)
            following = outer.next
        node = following
    _flushed(words, holder, found)
    return found


def _flushed(words: Sequence[str], holder: LexborNode, found: list[TextPiece]) -> list[str]:
    """Add a piece with the collected words, if they contain any text; return a new, empty list of words."""
    if text := plain_text("".join(words)):
        found.append(TextPiece(holder, text))
    return []


def _divides(
    node: LexborNode, tag: str, styled: dict[int, bool], stands_alone: Callable[[str], bool]
) -> bool:
    """Return whether the text before an element and the text in it are two pieces.

    `styled` remembers the results of `_only_styles` by the parent's id.
    """
    parent = node.parent
    if parent is None:
        return False
    if parent.mem_id not in styled:
        styled[parent.mem_id] = _only_styles(parent, styled, stands_alone)
    if not styled[parent.mem_id] and tag in _BOXES:
        return True
    if tag == "a" and (is_pager(words := text_of(node)) or leads_on(words)):
        return True
    return parent.tag not in _PROSE and _has_no_adjacent_text(node) and stands_alone(text_of(node))


def _has_no_adjacent_text(node: LexborNode) -> bool:
    """Return whether there is no text directly before or after an element."""
    return not any(
        one is not None and one.tag == "-text" and (one.text_content or "").strip()
        for one in (node.prev, node.next)
    )


def _only_styles(parent: LexborNode, styled: dict[int, bool], stands_alone: Callable[[str], bool]) -> bool:
    """Return whether the spans in an element only style its text, and are not pieces of their own."""
    if _has_own_text(parent):
        return True
    if parent.tag in _PROSE:
        return not any(stands_alone(text_of(child)) for child in parent.iter())
    if parent.tag in _INSIDE_TEXT:
        above = parent.parent
        return parent.tag not in _BOXES or above is None or styled.get(above.mem_id, False)
    return False


def _has_own_text(node: LexborNode) -> bool:
    child = node.first_child
    while child is not None:
        if child.tag == "-text" and (child.text_content or "").strip(" \t\r\n,;|·•–—-"):
            return True
        child = child.next
    return False

"""HTML as this room needs it: bytes to text, and the pieces of text inside an element, in order.

A piece is what a reader would see as one unit: `<p>The <em>ILO</em> said</p>` is one, two spans side by side
are two. Every walk is a loop, never a recursion, for pages are nested as deeply as their authors like.
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
_META_WITHIN = 4096  # bytes; the standard says 1024, pages say otherwise
_LANGUAGE = re.compile(rb"<html[^>]{0,500}?\slang\s*=\s*[\"']?([A-Za-z]{2,3})\b", re.IGNORECASE)

_SILENT = frozenset(  # show no text of the page
    (
        *("script", "style", "noscript", "template", "svg", "math", "iframe", "object", "select"),
        *("datalist", "button", "head", "audio", "video", "canvas"),
    )
)
_INSIDE_TEXT = frozenset(  # may be in the middle of a sentence
    (
        *("a", "abbr", "b", "bdi", "bdo", "cite", "code", "data", "del"),
        *("dfn", "em", "font", "i", "ins", "kbd", "mark", "nobr", "q"),
        *("ruby", "s", "samp", "small", "span", "strike", "strong", "sub", "sup"),
        *("time", "tt", "u", "var", "wbr"),
    )
)
_BOXES = frozenset(("a", "data", "span", "time"))  # of these, such as may also hold a piece of their own
_MAY_DIVIDE = _BOXES | {"b", "cite", "em", "i", "small", "strong"}
_PROSE = frozenset(("p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote"))


class TextPiece(NamedTuple):
    """One unit of text, or an element that was asked to be kept whole."""

    node: LexborNode  # the element that holds all of it
    text: str  # plain, never empty; of an element kept whole always empty, for it is read by itself
    whole: bool = False  # one of those kept whole


def decode_html(data: bytes, *, charset: str | None, place: str) -> tuple[str, str | None]:
    """Decode a page by what `charset` and the page itself say, and by its bytes.

    Returns:
        The text, and a warning where it had to be repaired; else None.

    Raises:
        SourceError: the bytes are no text.
    """
    refuse_binary(Page(data=data, place=place))
    head = data[:_META_WITHIN]
    meta, language = _META.search(head), _LANGUAGE.search(head)
    stated = (charset, meta.group(1).decode("ascii", "replace") if meta else None)
    return decode(data, stated, language=language.group(1).decode("ascii").lower() if language else None)


def text_of(node: LexborNode) -> str:
    """Return the visible text of an element on one line; empty if there is none."""
    child = node.first_child
    if child is not None and child.tag == "-text" and child.next is None:  # as most elements are
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
        keep: elements inside it that are one piece each, whatever is in them.
        stands_alone: says of a text whether it is never a part of running text, such as a date line.
    """
    kept = {node.mem_id for node in keep}
    found: list[TextPiece] = []
    words: list[str] = []
    dressed: dict[int, bool] = {}
    opened: list[tuple[LexborNode, bool]] = []  # the elements around, and whether they divide texts

    node, holder = root.first_child, root
    while node is not None:
        tag = node.tag or ""
        if tag == "-text":
            holder = holder if words else node.parent or holder
            words.append(node.text_content or "")
        else:
            is_whole = bool(kept) and node.mem_id in kept
            is_apart = is_whole or (tag not in _INSIDE_TEXT and tag != "-comment")
            divides = is_apart or (tag in _MAY_DIVIDE and _divides(node, tag, dressed, stands_alone))
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
    """Make a piece of what was gathered, if there is any text in it; return what is gathered next."""
    if text := plain_text("".join(words)):
        found.append(TextPiece(holder, text))
    return []


def _divides(
    node: LexborNode, tag: str, dressed: dict[int, bool], stands_alone: Callable[[str], bool]
) -> bool:
    """Return whether text before an element, and text in it, are two pieces; `dressed` keeps parents."""
    parent = node.parent
    if parent is None:
        return False
    if parent.mem_id not in dressed:
        dressed[parent.mem_id] = _dresses(parent, dressed, stands_alone)
    if not dressed[parent.mem_id] and tag in _BOXES:
        return True
    if tag == "a" and (is_pager(words := text_of(node)) or leads_on(words)):
        return True
    return parent.tag not in _PROSE and _has_no_text_beside(node) and stands_alone(text_of(node))


def _has_no_text_beside(node: LexborNode) -> bool:
    """Return whether other elements, or nothing, are right before and behind an element."""
    return not any(
        one is not None and one.tag == "-text" and (one.text_content or "").strip()
        for one in (node.prev, node.next)
    )


def _dresses(parent: LexborNode, dressed: dict[int, bool], stands_alone: Callable[[str], bool]) -> bool:
    """Return whether the spans in an element dress its words, rather than being pieces of their own."""
    if _has_own_text(parent):
        return True
    if parent.tag in _PROSE:
        return not any(stands_alone(text_of(child)) for child in parent.iter())
    if parent.tag in _INSIDE_TEXT:
        above = parent.parent
        return parent.tag not in _BOXES or above is None or dressed.get(above.mem_id, False)
    return False


def _has_own_text(node: LexborNode) -> bool:
    child = node.first_child
    while child is not None:
        if child.tag == "-text" and (child.text_content or "").strip(" \t\r\n,;|·•–—-"):
            return True
        child = child.next
    return False

"""HTML as this room needs it: bytes to text, and the pieces of text inside an element, in order.

A piece is what a reader would see as one unit: `<p>The <em>ILO</em> said</p>` is one, two spans side by side
are two. Every walk is a loop, never a recursion, for pages are nested as deeply as their authors like.
"""

import codecs
import re
from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

from selectolax.lexbor import LexborNode

from sse_digest.sources.page import Page, refuse_binary
from sse_digest.sources.plain import plain_text

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_META = re.compile(rb"<meta[^>]{1,200}?charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
_META_WITHIN = 4096  # bytes; the standard says 1024, pages say otherwise
_CHARSETS = re.compile(
    r"utf-8|ascii|iso8859-\d+|cp125\d|cp874|koi8-[ru]|mac-\w+|shift_jis\w*|cp932|euc_\w+|cp949|gb\w+|big5\w*"
)

_SILENT = frozenset(  # show no text of the page
    (
        *("script", "style", "noscript", "template", "svg", "math", "iframe", "object", "select"),
        *("datalist", "button", "head", "audio", "video", "canvas"),
    )
)
_INSIDE_TEXT = frozenset(  # may stand in the middle of a sentence
    (
        *("a", "abbr", "b", "bdi", "bdo", "cite", "code", "data", "del"),
        *("dfn", "em", "font", "i", "ins", "kbd", "mark", "nobr", "q"),
        *("ruby", "s", "samp", "small", "span", "strike", "strong", "sub", "sup"),
        *("time", "tt", "u", "var", "wbr"),
    )
)
_BOXES = frozenset(("a", "data", "span", "time"))  # of these, such as may also hold a piece of their own
_PROSE = frozenset(("p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote"))


class Piece(NamedTuple):
    """One unit of text, or an element that was asked to be kept whole."""

    node: LexborNode  # the element that holds all of it
    text: str  # plain, never empty; of an element kept whole always empty, for it is read by itself
    whole: bool = False  # one of those kept whole


def known_charset(name: object) -> str | None:
    """Give Python's name of a character set that web pages are written in; None for any other codec."""
    try:
        found = codecs.lookup(str(name)).name if name else ""
    except (LookupError, ValueError):
        return None
    if not _CHARSETS.fullmatch(found):
        return None
    return "cp1252" if found in {"iso8859-1", "ascii"} else found  # as every browser does


def decode_html(data: bytes, *, charset: str | None, place: str) -> tuple[str, str | None]:
    """Decode a page: by its byte order mark, else `charset`, else what it says itself, else as UTF-8.

    Returns:
        The text, and a warning where something in it could not be decoded; else None.

    Raises:
        SourceError: the bytes are no text.
    """
    for mark, name in _BOMS:
        if data.startswith(mark):
            return _decode(data.removeprefix(mark), name)
    refuse_binary(Page(data=data, place=place))
    meta = _META.search(data[:_META_WITHIN])
    stated = known_charset(charset) or known_charset(
        meta.group(1).decode("ascii", "replace") if meta else None
    )
    if stated is None:
        try:
            return data.decode("utf-8"), None
        except UnicodeDecodeError:
            return data.decode("cp1252", "replace"), "the page names no character set and is not UTF-8"
    return _decode(data, stated)


def _decode(data: bytes, charset: str) -> tuple[str, str | None]:
    try:
        return data.decode(charset), None
    except UnicodeDecodeError:
        return data.decode(
            charset, "replace"
        ), f"some characters are not in the page's character set, {charset}"


def text_of(node: LexborNode) -> str:
    """Give the visible text of an element on one line; empty if there is none."""
    child = node.first_child
    if child is not None and child.tag == "-text" and child.next is None:  # as most elements are
        return plain_text(child.text_content or "")
    return " ".join(piece.text for piece in pieces(node))


def pieces(
    root: LexborNode,
    keep: Collection[LexborNode] = (),
    *,
    stands_alone: Callable[[str], bool] = lambda _: False,
) -> list[Piece]:
    """Give the pieces of text inside `root`, in order.

    Args:
        root: an element.
        keep: elements inside it that are one piece each, whatever is in them.
        stands_alone: says of a text whether it is never a part of running text, such as a date line.
    """
    kept = {node.mem_id for node in keep}
    found: list[Piece] = []
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
            divides = is_apart or (tag in _BOXES and _divides(node, dressed, stands_alone))
            if divides and words:
                words = _flushed(words, holder, found)
            if is_whole:
                found.append(Piece(node, "", whole=True))
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


def _flushed(words: Sequence[str], holder: LexborNode, found: list[Piece]) -> list[str]:
    """Make a piece of what was gathered, if there is any text in it; gives what is gathered next."""
    if text := plain_text("".join(words)):
        found.append(Piece(holder, text))
    return []


def _divides(node: LexborNode, dressed: dict[int, bool], stands_alone: Callable[[str], bool]) -> bool:
    """Tell whether text before a box within text, and text in it, are two pieces; `dressed` keeps parents."""
    parent = node.parent
    if parent is None:
        return False
    if parent.mem_id not in dressed:
        dressed[parent.mem_id] = _dresses(parent, dressed, stands_alone)
    return not dressed[parent.mem_id]


def _dresses(parent: LexborNode, dressed: dict[int, bool], stands_alone: Callable[[str], bool]) -> bool:
    """Tell whether the spans in an element dress its words, rather than being pieces of their own."""
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

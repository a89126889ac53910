"""Refuse XML that is made to overcome its parser, before any parser sees it.

One pass over the bytes, which ends at the first offence: entities of a document's own, which can stand for
gigabytes, and elements nested deeper than any feed has them.
"""

from sse_digest.errors import SourceError

MAX_DEPTH = 100
"""Elements inside one another; a feed needs six, and running text inside it some more."""

_SKIPPED = ((b"<!--", b"-->"), (b"<![CDATA[", b"]]>"), (b"<?", b"?>"))
_NAME_START = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_:") | frozenset(
    range(128, 256)
)


def refuse_bomb(data: bytes, place: str) -> None:
    """Raise if a document could cost more than its length.

    Args:
        data: XML in an encoding that writes ASCII as itself.
        place: the document's name in messages.

    Raises:
        SourceError: it declares entities, or nests elements deeper than `MAX_DEPTH`.
    """
    if b"<!ENTITY" in data.upper():
        raise SourceError(
            f"{place} declares entities of its own (<!ENTITY), which no feed needs and attacks use. "
            "It was not read. Ask its publisher for a plain feed."
        )
    if _depth(data) > MAX_DEPTH:
        raise SourceError(
            f"{place} nests elements deeper than {MAX_DEPTH}, which no feed does. It was not read. "
            "Look at it in a browser."
        )


def _depth(data: bytes) -> int:
    """Return the greatest depth of elements, or the first that is too great."""
    depth = deepest = at = 0
    while deepest <= MAX_DEPTH and (at := data.find(b"<", at)) >= 0:
        skipped = next((end for begin, end in _SKIPPED if data.startswith(begin, at)), None)
        if skipped is not None:
            end = data.find(skipped, at)
            if end < 0:
                break
            at = end + len(skipped)
            continue
        sign = data[at + 1 : at + 2]
        end = data.find(b">", at)
        if end < 0:
            break
        if sign == b"/":
            depth = max(0, depth - 1)
        elif sign and sign[0] in _NAME_START and data[end - 1 : end] != b"/":
            depth += 1
            deepest = max(deepest, depth)
        at += 1
    return deepest

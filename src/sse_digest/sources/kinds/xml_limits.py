"""Refuse XML that could overload a parser, before it is parsed.

One pass over the bytes finds a document that declares entities, which can expand to gigabytes, or that nests
elements deeper than any feed.
"""

from sse_digest.errors import SourceError

MAX_DEPTH = 100
"""Levels of nested elements; a feed needs six, and formatted text inside it some more."""

_SKIPPED = ((b"<!--", b"-->"), (b"<![CDATA[", b"]]>"), (b"<?", b"?>"))
_NAME_START = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_:") | frozenset(
    range(128, 256)
)


def refuse_bomb(data: bytes, place: str) -> None:
    """Raise if a document could expand or nest far beyond its length.

    Args:
        data: XML in UTF-8 or another encoding that extends ASCII.
        place: the document's name in messages.

    Raises:
        SourceError: the document declares entities, or nests elements deeper than `MAX_DEPTH`.
    """
    if b"<!ENTITY" in data.upper():
        raise SourceError(
            f"{place} declares entities of its own (<!ENTITY), which no feed needs and attacks use, "
            "so it was not read. Ask its publisher for a feed without them."
        )
    if _depth(data) > MAX_DEPTH:
        raise SourceError(
            f"{place} nests elements deeper than {MAX_DEPTH} levels, which no feed does, "
            "so it was not read. Look at it in a browser."
        )


def _depth(data: bytes) -> int:
    """Return the greatest depth of elements, or `MAX_DEPTH` + 1 if it is greater."""
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

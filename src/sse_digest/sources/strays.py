"""Tell the items of a list from other elements of their kind, where no class tells them apart.

Pages that people type hold the news, the menu and the line at the foot in elements of one kind.
"""

from collections.abc import Iterator, Sequence

from selectolax.lexbor import LexborNode

_MOSTLY = 0.6  # of the elements; where fewer are dated, the list is none of news
_MAX_CHILDREN = 20


def narrowed(item: str, boxes: Sequence[LexborNode], dated: Sequence[bool]) -> str | None:
    """Give a selector that names only the dated elements, by a child that they alone have; else None.

    Args:
        item: a selector that names all of the elements.
        boxes: the elements.
        dated: of each, whether a day was read in it.
    """
    count = sum(dated)
    if not _MOSTLY * len(boxes) <= count < len(boxes):
        return None
    signs = [list(_signs(box)) for box in boxes]
    ours = [set(found) for found, is_dated in zip(signs, dated, strict=True) if is_dated]
    others = [found for found, is_dated in zip(signs, dated, strict=True) if not is_dated]
    telling = set.intersection(*ours).difference(*others)
    return f"{item}:has({min(telling, key=lambda sign: (len(sign), sign))})" if telling else None


def _signs(box: LexborNode) -> Iterator[str]:
    for place, child in enumerate(box.iter()):
        if place == _MAX_CHILDREN:
            return
        yield f"> {child.tag}"
        if place == 0:
            yield f"> {child.tag}:first-child"

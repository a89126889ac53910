"""Find the elements that belong to an item but are next to its element.

In definition lists and flat lists of headings, no element contains a whole item. Elements after a heading
belong to its item, up to the next heading. If a day comes before the first heading of a list, each heading of
that list has its day before it.
"""

from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import Literal

from selectolax.lexbor import LexborNode

from sse_digest.sources.html.dom import text_of
from sse_digest.sources.text.dates import read_date

_NEAR = 50  # how many of an element's siblings are examined in each direction
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_TEXTS = frozenset(
    ("p", "div", "span", "time", "em", "i", "b", "small", "strong", "blockquote", "br", "figure", "-comment")
)

Sides = tuple[Sequence[LexborNode], Sequence[LexborNode]]
"""The elements before an item and those after it, in the page's order."""

NOTHING: Sides = ((), ())


def beside(boxes: Sequence[LexborNode]) -> list[Sides]:
    """Return the neighbouring elements that belong to each box; in most lists there are none."""
    found: list[Sides] = []
    leads: dict[int | None, bool] = {}  # by parent: whether a day comes before the first heading
    for box in boxes:
        if box.tag == "dd":
            found.append(([node for node in _near(box, "prev") if node.tag == "dt"][:1], ()))
        elif box.tag == "dt":
            group = takewhile(lambda node: node.tag != "dt", _near(box, "next"))
            found.append(((), [node for node in group if node.tag == "dd"]))
        elif box.tag in _HEADINGS and box.parent is not None:
            around = box.parent.mem_id
            if around not in leads:
                leads[around] = _day_before(box) is not None
            found.append(_of_heading(box, day_leads=leads[around]))
        else:
            found.append(NOTHING)
    return found


def _of_heading(box: LexborNode, *, day_leads: bool) -> Sides:
    following = [node for node in takewhile(_is_text, _near(box, "next")) if node.tag not in {"br", "-text"}]
    if not day_leads:
        return (), following
    if following and _is_day(following[-1]):  # it belongs to the next item
        following.pop()
    day = _day_before(box)
    return ([day] if day is not None else ()), following


def _is_text(node: LexborNode) -> bool:
    """Return whether a node may belong to the heading before it; headings, lists and sections do not."""
    if node.tag == "-text":
        return True
    return node.tag in _TEXTS and node.css_first(", ".join(_HEADINGS)) is None


def _day_before(box: LexborNode) -> LexborNode | None:
    before = next((node for node in _near(box, "prev") if node.tag != "-text"), None)
    return before if before is not None and before.tag in _TEXTS and _is_day(before) else None


def _is_day(node: LexborNode) -> bool:
    return read_date(text_of(node)) is not None


def _near(node: LexborNode, direction: Literal["prev", "next"]) -> Iterator[LexborNode]:
    for _ in range(_NEAR):
        following: LexborNode | None = getattr(node, direction)
        if following is None:
            return
        yield (node := following)

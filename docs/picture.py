"""Draw docs/architecture.svg from the import contracts of pyproject.toml.

`python docs/picture.py` rewrites the picture; a test compares it with the contracts.
Equal contracts give equal bytes.
"""

import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
ROOT_PACKAGE = "sse_digest"
WIDTH, MARGIN, GAP = 1000, 60, 8
ROOM_HEIGHT, LAYER_HEIGHT, PADDING = 34, 24, 8
STYLE = """\
text { font-family: system-ui, sans-serif; fill: #1a1a1a; text-anchor: middle; dominant-baseline: central }
.room { fill: #e8eef7; stroke: #35557f } .layer { fill: #fff; stroke: #9bb0cc }
.name { font-size: 15px; font-weight: 600 } .part { font-size: 12px } .note { font-size: 12px; fill: #444 }
.arrow { stroke: #444; stroke-width: 1.5; fill: none }"""
Layers = Sequence[Sequence[str]]  # from top to bottom; names in one layer do not import each other


class Box(NamedTuple):
    """Where something is drawn, in pixels."""

    left: float
    top: float
    width: float
    height: float

    def split(self, shares: Sequence[int]) -> "Iterator[Box]":
        """Yield boxes side by side with a gap between them, as wide as their shares say."""
        unit = (self.width - GAP * (len(shares) - 1)) / sum(shares)
        left = self.left
        for share in shares:
            yield self._replace(left=left, width=share * unit)
            left += share * unit + GAP


def contracts(project: Path) -> dict[str, Layers]:
    """Return the layers of the package, under "", and of each room that has a contract for its inside."""
    linter = tomllib.loads(project.read_text(encoding="utf-8"))["tool"]["importlinter"]
    return {
        container.removeprefix(ROOT_PACKAGE).lstrip("."): [
            names for layer in contract["layers"] if (names := list(names_in(layer)))
        ]
        for contract in linter["contracts"]
        if contract["type"] == "layers"
        for container in contract["containers"]
    }


def names_in(layer: str) -> Iterator[str]:
    """Yield the names of a layer such as "(sources) | (feeds)"; modules like __main__ are left out."""
    for part in layer.split("|"):
        name = part.strip(" ()")
        if not name.startswith("__"):
            yield name


def picture(found: Mapping[str, Layers]) -> str:
    """Return the picture of the rooms and of the layers inside them as SVG."""
    shapes: list[str] = []
    top = MARGIN / 2
    for rooms in found[""]:
        layers = max(len(found.get(room, ())) for room in rooms)
        height = ROOM_HEIGHT + layers * LAYER_HEIGHT + (PADDING if layers else 0)
        row = Box(MARGIN, top, WIDTH - 2 * MARGIN, height)
        for room, box in zip(rooms, row.split([1] * len(rooms)), strict=True):
            shapes += room_shapes(room, found.get(room, ()), box)
        top += height + GAP
    bottom = top - GAP
    full_height = bottom + MARGIN / 2
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {WIDTH} {full_height:g}">',
            "<title>The rooms of sse-digest from top to bottom; imports point down only</title>",
            f"<style>\n{STYLE}\n</style>",
            '<rect width="100%" height="100%" fill="#fff"/>',
            arrow(MARGIN / 2, MARGIN / 2, bottom),
            *shapes,
            "</svg>\n",
        ]
    )


def room_shapes(room: str, layers: Layers, box: Box) -> Iterator[str]:
    """Yield the box of a room with its name and, below it, a row for each layer inside."""
    yield rectangle(box, "room")
    yield words(room, box._replace(height=ROOM_HEIGHT), "name")
    inside = Box(box.left + PADDING, box.top + ROOM_HEIGHT, box.width - 2 * PADDING, LAYER_HEIGHT - 4)
    for place, names in enumerate(layers):
        row = inside._replace(top=inside.top + place * LAYER_HEIGHT)
        for name, part in zip(names, row.split([len(name) + 4 for name in names]), strict=True):
            yield rectangle(part, "layer")
            yield words(name, part, "part")


def rectangle(box: Box, kind: str) -> str:
    """Return a box with round corners."""
    left, top, width, height = box
    return f'<rect class="{kind}" x="{left:g}" y="{top:g}" width="{width:g}" height="{height:g}" rx="4"/>'


def words(text: str, box: Box, kind: str) -> str:
    """Return a text in the middle of a box."""
    left, top, width, height = box
    return f'<text class="{kind}" x="{left + width / 2:g}" y="{top + height / 2:g}">{escape(text)}</text>'


def arrow(left: float, top: float, bottom: float) -> str:
    """Return an arrow that points down, with what it means written along it."""
    middle = (top + bottom) / 2
    return (
        f'<path class="arrow" d="M{left:g} {top:g}V{bottom:g}m-5 -9l5 9l5 -9"/>'
        f'<text class="note" transform="translate({left - 12:g} {middle:g}) rotate(-90)">imports</text>'
    )


def made() -> str:
    """Return the picture of the contracts as they stand."""
    return picture(contracts(HERE.parent / "pyproject.toml"))


if __name__ == "__main__":
    (HERE / "architecture.svg").write_text(made(), encoding="utf-8")
    sys.stdout.write(f"{HERE / 'architecture.svg'}\n")

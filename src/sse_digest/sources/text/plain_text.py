"""Make the plain text that items contain: NFC, no control characters, runs of whitespace as one space.

Every reader of this room passes its texts through `plain_text`, so that no other code has to clean them. It
changes visible characters only by NFC (Unicode Annex 15).
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

_TAB_WIDTH = 4

# Control characters, lone surrogates, non-characters, the byte order mark, and invisible characters that
# reorder or split the visible text. The joiners U+200C and U+200D are kept: they are part of the spelling.
_DROPPED = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u200b\u202a-\u202e\u2060-\u2064\u2066-\u2069"
    "\ud800-\udfff\ufeff\ufdd0-\ufdef\ufff9-\ufffb\ufffe\uffff]",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TextLine:
    """One line with visible text."""

    text: str  # plain, never empty
    indent: int  # columns before the text; tab stops are every four columns
    gap: bool  # whether an empty line, or nothing, is before it


def plain_text(raw: str) -> str:
    """Return `raw` as plain text on one line; empty if it contains nothing visible."""
    if (
        raw.isascii() and raw.isprintable()
    ):  # nothing to drop or compose, and the only whitespace is the space
        if "  " not in raw and raw[:1] != " " and raw[-1:] != " ":
            return raw
    else:
        raw = unicodedata.normalize("NFC", _DROPPED.sub("", raw))
    return " ".join(raw.split())


def plain_lines(raw: str) -> Iterator[TextLine]:
    """Yield the lines of `raw` that have visible text; the line ends may be of any kind."""
    gap = True
    for row in raw.splitlines():
        visible = _DROPPED.sub("", row)
        text = plain_text(visible)
        if text:
            spread = visible.expandtabs(_TAB_WIDTH)
            yield TextLine(text=text, indent=len(spread) - len(spread.lstrip()), gap=gap)
        gap = not text

"""Plain text as items carry it: NFC, no control characters, whitespace folded to one blank.

Every reader of this room passes what it found through `plain_text`, so that nothing later has to
ask again. It never changes a visible character other than by NFC (Unicode Annex 15).
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

_TAB_WIDTH = 4

# Control characters, lone surrogates, non-characters, the byte order mark, and invisible signs that
# reorder or split what a reader sees. The joiners U+200C and U+200D stay: they carry spelling.
_DROPPED = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u200b\u202a-\u202e\u2060-\u2064\u2066-\u2069"
    "\ud800-\udfff\ufeff\ufdd0-\ufdef\ufff9-\ufffb\ufffe\uffff]",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TextLine:
    """One line that holds something."""

    text: str  # plain, never empty
    indent: int  # columns before the text, a tab counting up to the next multiple of four
    gap: bool  # an empty line is before it


def plain_text(raw: str) -> str:
    """Fold `raw` to plain text on one line; empty when nothing visible is left."""
    if (
        raw.isascii() and raw.isprintable()
    ):  # there is nothing to drop or to compose, and blanks alone are space
        if "  " not in raw and raw[:1] != " " and raw[-1:] != " ":
            return raw
    else:
        raw = unicodedata.normalize("NFC", _DROPPED.sub("", raw))
    return " ".join(raw.split())


def plain_lines(raw: str) -> Iterator[TextLine]:
    """Yield the lines of `raw` that hold something, whatever ends its lines."""
    gap = True
    for row in raw.splitlines():
        visible = _DROPPED.sub("", row)
        text = plain_text(visible)
        if text:
            spread = visible.expandtabs(_TAB_WIDTH)
            yield TextLine(text=text, indent=len(spread) - len(spread.lstrip()), gap=gap)
        gap = not text

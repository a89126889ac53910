"""Gaps for the recipient's unsubscribe token, which no text from outside can forge.

While an edition is rendered, a secret marker stands in for the token; afterwards only the offsets at which
it was found are kept, and mails are filled at those. A marker is derived from the secret key, so whoever
writes news cannot know it, and it is not used if it occurs in anything that is rendered. After the last
step it must occur exactly as often as the templates wrote it.
"""

import base64
import hmac
import html
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count
from urllib.parse import unquote

from markupsafe import escape

from sse_digest.errors import DigestError
from sse_digest.model.signed_tokens import TOKEN_LENGTH

GAP = "UNSUBSCRIBE_TOKEN".ljust(TOKEN_LENGTH, "_")
"""What an edition holds where the token belongs; it means nothing by itself."""


@dataclass(frozen=True, slots=True)
class GappedText:
    """A text with a `GAP` at each of `gaps`, which are offsets in characters."""

    text: str
    gaps: tuple[int, ...]

    def parts(self) -> tuple[str, ...]:
        """Return the text around the gaps: one part more than there are gaps."""
        return parts_of(self.text, self.gaps)


class TokenLink:
    """The unsubscribe address as templates write it: with the marker, counting how often."""

    def __init__(self, before: str, marker: str) -> None:
        """Take what is before the token in the address, and the marker in place of the token."""
        self._address, self.marker, self.written = before + marker, marker, 0

    def __str__(self) -> str:
        """Write the address as plain text."""
        self.written += 1
        return self._address

    def __html__(self) -> str:
        """Write the address into HTML."""
        return str(escape(str(self)))

    def gapped(self, text: str) -> GappedText:
        """Return a rendered text with gaps instead of markers.

        Raises:
            DigestError: the marker does not occur as often as it was written since `written` was reset.
        """
        gaps = tuple(found.start() for found in re.finditer(self.marker, text))
        if len(gaps) != self.written:
            raise DigestError(
                "A template changes or copies the unsubscribe address, so no token can be filled in."
                " Write {{ sender.unsubscribe_url }} as it is."
            )
        return GappedText(text.replace(self.marker, GAP), gaps)


def marker_for(secret_key: bytes, names: Sequence[str], foreign: str) -> str:
    """Return a marker that is as long as a token and occurs nowhere in `foreign`, neither plain nor decoded.

    Args:
        secret_key: of this installation.
        names: of the issue, the list and the edition.
        foreign: all that is rendered.
    """
    readings = tuple(_readings(foreign))
    for number in count():
        content = "\0".join(("token marker", *names, str(number))).encode()
        digest = hmac.digest(secret_key, content, "sha256")
        marker = base64.b32encode(digest).decode().lower()[:TOKEN_LENGTH]
        if not any(marker in reading for reading in readings):
            return marker
    raise AssertionError  # pragma: no cover # count() does not end


def parts_of(text: str, gaps: Iterable[int]) -> tuple[str, ...]:
    """Return the parts of a text around gaps of the length of a token."""
    ends = [0, *(gap + TOKEN_LENGTH for gap in gaps)]
    return tuple(text[end:gap] for end, gap in zip(ends, [*gaps, len(text)], strict=True))


def _readings(text: str) -> Iterable[str]:
    """Yield a text as it is and as programs may decode it."""
    for decoded in (text, html.unescape(text), unquote(text), unquote(html.unescape(text))):
        yield decoded
        yield unicodedata.normalize("NFKC", decoded).casefold()

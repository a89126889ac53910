"""Gaps for the recipient's unsubscribe token that untrusted text cannot forge.

While an edition is rendered, a secret marker takes the place of the token. Afterwards only the offsets of the
marker are kept, and tokens are filled in there. A marker is derived from the secret key, so that authors of
news cannot know it, and a marker that occurs in the rendered text is not used. In the end it must occur
exactly as often as the templates wrote it.
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
"""The placeholder for the token in an edition; only the offsets decide where a token is filled in."""


@dataclass(frozen=True, slots=True)
class GappedText:
    """A text with a `GAP` at each offset in `gaps`, in characters."""

    text: str
    gaps: tuple[int, ...]

    def parts(self) -> tuple[str, ...]:
        """Return the text around the gaps: one part more than there are gaps."""
        return parts_of(self.text, self.gaps)


class TokenLink:
    """The unsubscribe address with a marker, as templates write it; counts how often it is written."""

    def __init__(self, before: str, marker: str) -> None:
        """Join the address before the token and the marker that takes the token's place."""
        self._address, self.marker, self.written = before + marker, marker, 0

    def __str__(self) -> str:
        """Return the address as plain text."""
        self.written += 1
        return self._address

    def __html__(self) -> str:
        """Return the address as HTML."""
        return str(escape(str(self)))

    def gapped(self, text: str) -> GappedText:
        """Return a rendered text with gaps instead of markers.

        Raises:
            DigestError: the marker does not occur `written` times.
        """
        gaps = tuple(found.start() for found in re.finditer(self.marker, text))
        if len(gaps) != self.written:
            raise DigestError(
                "A template changes or copies the unsubscribe address, so tokens cannot be filled in."
                " Use {{ sender.unsubscribe_url }} unchanged."
            )
        return GappedText(text.replace(self.marker, GAP), gaps)


def marker_for(secret_key: bytes, names: Sequence[str], foreign: str) -> str:
    """Return a marker as long as a token that does not occur in `foreign`, even if that is decoded.

    Args:
        secret_key: of this installation.
        names: of the issue, the list and the edition.
        foreign: all text that is rendered.
    """
    readings = tuple(_readings(foreign))
    for number in count():
        content = "\0".join(("token marker", *names, str(number))).encode()
        digest = hmac.digest(secret_key, content, "sha256")
        marker = base64.b32encode(digest).decode().lower()[:TOKEN_LENGTH]
        if not any(marker in reading for reading in readings):
            return marker
    raise AssertionError  # pragma: no cover # count() is infinite


def parts_of(text: str, gaps: Iterable[int]) -> tuple[str, ...]:
    """Return the parts of a text around its gaps, each of which is as long as a token."""
    ends = [0, *(gap + TOKEN_LENGTH for gap in gaps)]
    return tuple(text[end:gap] for end, gap in zip(ends, [*gaps, len(text)], strict=True))


def _readings(text: str) -> Iterable[str]:
    """Yield a text unchanged and in every form in which programs may decode it."""
    for decoded in (text, html.unescape(text), unquote(text), unquote(html.unescape(text))):
        yield decoded
        yield unicodedata.normalize("NFKC", decoded).casefold()

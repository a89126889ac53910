"""Bodies in the form they travel in, encoded once and filled for each recipient (RFC 2045 section 6).

A body has a gap wherever a token belongs. Quoted-printable could cut a token at a line's end, so
it is at the beginning of a line after a soft break; in base64 the few lines around it are
encoded when the token is known. Either way every recipient's body has the same length.
"""

import binascii
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from sse_digest.model.signed_tokens import TOKEN_LENGTH

_ANY_TOKEN = b"_" * TOKEN_LENGTH
_LINE = 76  # characters in an encoded line at most (RFC 2045 section 6.7)
_RAW_PER_LINE = 57  # bytes that make one such line in base64
_SOFT_BREAK = b"=\r\n"
# The standard library writes a last blank or tab behind a full line, one character too many.
_OVERLONG = re.compile(rb"^([^\r\n]{74,})(=(?:09|20))(?=\r?$)", re.MULTILINE)
_FROM = re.compile(rb"^From ", re.MULTILINE)

Gap = Callable[[bytes], bytes]  # makes the bytes of a gap of the recipient's token


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodedBody:
    """A body in pieces: finished ones, and between each two of them a gap that waits for the token."""

    encoding: str  # value of Content-Transfer-Encoding
    finished: tuple[bytes, ...]  # one more than there are gaps
    gaps: tuple[tuple[bytes, ...], ...]  # what is not encoded yet, split where the token belongs

    def fill(self, token: bytes) -> bytes:
        r"""Give the body for one recipient; its lines end with \r\n.

        `token` is ASCII letters and digits, of TOKEN_LENGTH.
        """
        filled = [fill(token) for fill in self.fillers()]
        return b"".join(piece for pair in zip(self.finished, [*filled, b""], strict=True) for piece in pair)

    def fillers(self) -> tuple[Gap, ...]:
        """Return for each gap what makes its bytes of a token."""
        if self.encoding == "base64":
            return tuple(partial(_base64_with, gap) for gap in self.gaps)
        return tuple(partial(_with, gap) for gap in self.gaps)


def _with(gap: Sequence[bytes], token: bytes) -> bytes:
    return token.join(gap)


def _base64_with(gap: Sequence[bytes], token: bytes) -> bytes:
    return _base64(token.join(gap))


def encode(parts: Sequence[str]) -> EncodedBody:
    """Encode a text in the shorter of the two forms; `parts` are around its gaps."""
    raw = ["\r\n".join(re.split(r"\r\n|\r|\n", part)).encode() for part in parts]
    quoted = as_quoted_printable(raw)
    length = sum(map(len, raw)) + (len(raw) - 1) * TOKEN_LENGTH
    return quoted if len(quoted.fill(_ANY_TOKEN)) <= _base64_length(length) else as_base64(raw)


def as_quoted_printable(raw: Sequence[bytes]) -> EncodedBody:
    r"""Encode lines that end with \r\n; between each two pieces is a gap."""
    pieces = [_quoted(piece) for piece in raw]
    opened = [_at_line_start(piece) for piece in pieces[:-1]] + pieces[-1:]
    return EncodedBody(
        encoding="quoted-printable",
        finished=(opened[0], *(_SOFT_BREAK + piece for piece in opened[1:])),
        gaps=((b"", b""),) * (len(pieces) - 1),
    )


def as_base64(raw: Sequence[bytes]) -> EncodedBody:
    """Encode the bytes around tokens; the lines that hold part of a token become gaps."""
    whole, tokens = _ANY_TOKEN.join(raw), _token_offsets(raw)
    finished, gaps, done = [], [], 0
    for start, end in _lines_with(tokens):
        finished.append(_base64(whole[done:start]))
        edges = [
            start,
            *(edge for at in tokens if start <= at < end for edge in (at, at + TOKEN_LENGTH)),
            end,
        ]
        gaps.append(tuple(whole[edges[n] : edges[n + 1]] for n in range(0, len(edges), 2)))
        done = end
    return EncodedBody(encoding="base64", finished=(*finished, _base64(whole[done:])), gaps=tuple(gaps))


def _token_offsets(raw: Sequence[bytes]) -> list[int]:
    offsets, at = [], 0
    for piece in raw[:-1]:
        offsets.append(at + len(piece))
        at = offsets[-1] + TOKEN_LENGTH
    return offsets


def _lines_with(tokens: Sequence[int]) -> list[tuple[int, int]]:
    """Return the spans of whole lines that hold a token, merged where two share a line."""
    spans: list[tuple[int, int]] = []
    for at in tokens:
        start = at // _RAW_PER_LINE * _RAW_PER_LINE
        end = -(-(at + TOKEN_LENGTH) // _RAW_PER_LINE) * _RAW_PER_LINE
        if spans and start < spans[-1][1]:
            start = spans.pop()[0]
        spans.append((start, end))
    return spans


def _base64(raw: bytes) -> bytes:
    encoded = binascii.b2a_base64(raw, newline=False)
    return b"".join(encoded[start : start + _LINE] + b"\r\n" for start in range(0, len(encoded), _LINE))


def _base64_length(raw: int) -> int:
    """Return the length of so many bytes in base64, line ends included."""
    encoded = -(-raw // 3) * 4
    return encoded + -(-encoded // _LINE) * len("\r\n")


def _quoted(raw: bytes) -> bytes:
    encoded = _OVERLONG.sub(rb"\1=\n\2", binascii.b2a_qp(raw, istext=True))
    # Some programs on the way put ">" before a line that begins like this, and break its signature.
    return _FROM.sub(b"F" + _SOFT_BREAK + b"rom ", encoded.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))


def _at_line_start(piece: bytes) -> bytes:
    if not piece or piece.endswith(b"\r\n"):
        return piece
    if len(piece) - piece.rfind(b"\n") - 1 == _LINE:  # full: the soft break's sign needs a place
        last = 3 if piece[-3:-2] == b"=" else 1
        piece = piece[:-last] + _SOFT_BREAK + piece[-last:]
    return piece + _SOFT_BREAK

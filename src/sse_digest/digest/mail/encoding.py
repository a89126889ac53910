"""Encode bodies once, with gaps that are filled for each recipient (RFC 2045 section 6).

A body has a gap for each token. Quoted-printable could split a token at the end of a line, so a token
starts a new line after a soft break. In base64, the few lines around a token are encoded when the token is
known. Either way, every recipient's body has the same length.
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
# The standard library writes an encoded blank or tab at the end of a full line, which is then too long.
_OVERLONG = re.compile(rb"^([^\r\n]{74,})(=(?:09|20))(?=\r?$)", re.MULTILINE)
_FROM = re.compile(rb"^From ", re.MULTILINE)

Gap = Callable[[bytes], bytes]  # returns the bytes of a gap for a recipient's token


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodedBody:
    """A body in pieces: finished ones, and a gap for the token between each two of them."""

    encoding: str  # value of Content-Transfer-Encoding
    finished: tuple[bytes, ...]  # one more than there are gaps
    gaps: tuple[tuple[bytes, ...], ...]  # unencoded bytes, split where the token belongs

    def fill(self, token: bytes) -> bytes:
        r"""Return the body for one recipient; its lines end with \r\n.

        `token` consists of TOKEN_LENGTH ASCII letters and digits.
        """
        filled = [fill(token) for fill in self.fillers()]
        return b"".join(piece for pair in zip(self.finished, [*filled, b""], strict=True) for piece in pair)

    def fillers(self) -> tuple[Gap, ...]:
        """Return a function for each gap that returns its bytes for a token."""
        if self.encoding == "base64":
            return tuple(partial(_base64_with, gap) for gap in self.gaps)
        return tuple(partial(_with, gap) for gap in self.gaps)


def _with(gap: Sequence[bytes], token: bytes) -> bytes:
    return token.join(gap)


def _base64_with(gap: Sequence[bytes], token: bytes) -> bytes:
    return _base64(token.join(gap))


def encode(parts: Sequence[str]) -> EncodedBody:
    """Encode a text in the shorter of the two encodings; it has a gap between each two `parts`."""
    raw = ["\r\n".join(re.split(r"\r\n|\r|\n", part)).encode() for part in parts]
    quoted = as_quoted_printable(raw)
    length = sum(map(len, raw)) + (len(raw) - 1) * TOKEN_LENGTH
    return quoted if len(quoted.fill(_ANY_TOKEN)) <= _base64_length(length) else as_base64(raw)


def as_quoted_printable(raw: Sequence[bytes]) -> EncodedBody:
    r"""Encode text whose lines end with \r\n as quoted-printable; there is a gap between each two pieces."""
    pieces = [_quoted(piece) for piece in raw]
    opened = [_at_line_start(piece) for piece in pieces[:-1]] + pieces[-1:]
    return EncodedBody(
        encoding="quoted-printable",
        finished=(opened[0], *(_SOFT_BREAK + piece for piece in opened[1:])),
        gaps=((b"", b""),) * (len(pieces) - 1),
    )


def as_base64(raw: Sequence[bytes]) -> EncodedBody:
    """Encode bytes as base64; there is a gap for the lines around each token."""
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
    """Return the spans of the lines that contain a token, merged if two tokens share a line."""
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
    """Return the length in base64, line ends included, of a number of bytes."""
    encoded = -(-raw // 3) * 4
    return encoded + -(-encoded // _LINE) * len("\r\n")


def _quoted(raw: bytes) -> bytes:
    encoded = _OVERLONG.sub(rb"\1=\n\2", binascii.b2a_qp(raw, istext=True))
    # Some mail servers put ">" before a line that begins with "From ", which breaks the signature.
    return _FROM.sub(b"F" + _SOFT_BREAK + b"rom ", encoded.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))


def _at_line_start(piece: bytes) -> bytes:
    if not piece or piece.endswith(b"\r\n"):
        return piece
    if len(piece) - piece.rfind(b"\n") - 1 == _LINE:  # full: make room for the "=" of the soft break
        last = 3 if piece[-3:-2] == b"=" else 1
        piece = piece[:-last] + _SOFT_BREAK + piece[-last:]
    return piece + _SOFT_BREAK

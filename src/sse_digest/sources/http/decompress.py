"""Decompress an answer while it arrives: gzip, brotli and zstd, never more than the allowed size.

Each step limits its output, so that the compressed bytes cannot use more memory than allowed. An answer may
have several compressed pieces, one after another (RFC 1952 2.2, RFC 8878 3). Never reads from the network.
"""

import sys
import zlib
from collections.abc import Callable, Mapping
from typing import Protocol

import brotli

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

ACCEPTED = "gzip, br, zstd"
"""The value of the Accept-Encoding header (RFC 9110 12.5.3)."""

MAX_RATIO = 300
"""The greatest ratio of decompressed to compressed length; real pages have a ratio of up to thirty."""

MAX_PIECES = 1000
"""The greatest number of members or frames in one answer; real pages have one, logs and mirrors several."""

_FREE = 1_000_000  # bytes; the ratio of shorter answers is not limited
_GZIP = 16 + zlib.MAX_WBITS
_BOUND: Mapping[int, int] = {zstd.DecompressionParameter.window_log_max: 23}  # 8 MB, as RFC 9659 has it
_ERRORS = (zlib.error, brotli.error, zstd.ZstdError)


class DecompressionError(Exception):
    """The compressed bytes are damaged, or are far more than a page after decompression."""


class _Decoder(Protocol):
    def unpack(self, packed: bytes, room: int) -> bytes: ...

    @property
    def is_whole(self) -> bool: ...

    @property
    def rest(self) -> bytes: ...  # the bytes after the end of the compressed data


class _Gzip:
    def __init__(self) -> None:
        self._inner = zlib.decompressobj(_GZIP)

    def unpack(self, packed: bytes, room: int) -> bytes:
        return self._inner.decompress(packed, room)

    @property
    def is_whole(self) -> bool:
        return self._inner.eof

    @property
    def rest(self) -> bytes:
        return self._inner.unused_data


class _Brotli:
    rest = b""

    def __init__(self) -> None:
        self._inner = brotli.Decompressor()

    def unpack(self, packed: bytes, room: int) -> bytes:
        return bytes(self._inner.process(packed, output_buffer_limit=room))

    @property
    def is_whole(self) -> bool:
        return bool(self._inner.is_finished())


class _Zstd:
    def __init__(self) -> None:
        self._inner = zstd.ZstdDecompressor(options=_BOUND)

    def unpack(self, packed: bytes, room: int) -> bytes:
        return self._inner.decompress(packed, room)

    @property
    def is_whole(self) -> bool:
        return self._inner.eof

    @property
    def rest(self) -> bytes:
        return self._inner.unused_data


class _Plain:
    is_whole = True
    rest = b""

    def unpack(self, packed: bytes, room: int) -> bytes:
        del room
        return packed


_DECODERS: Mapping[str, Callable[[], _Decoder]] = {
    "": _Plain,
    "identity": _Plain,
    "gzip": _Gzip,
    "x-gzip": _Gzip,
    "br": _Brotli,
    "zstd": _Zstd,
}
# The first bytes of a further piece: a gzip member, a zstd frame, a skippable zstd frame.
_BEGINNINGS: Mapping[Callable[[], _Decoder], tuple[bytes, ...]] = {
    _Gzip: (b"\x1f\x8b",),
    _Zstd: (b"\x28\xb5\x2f\xfd", *(bytes((first,)) + b"\x2a\x4d\x18" for first in range(0x50, 0x60))),
}


class Decompressor:
    """Decompresses one answer.

    Args:
        coding: the value of the header Content-Encoding.
        limit: the greatest length of the decompressed answer; `data` may have one byte more.

    Raises:
        DecompressionError: the coding was not requested.
    """

    def __init__(self, coding: str, limit: int) -> None:
        name = coding.strip().lower()
        if name not in _DECODERS:
            raise DecompressionError(
                f"is compressed as {coding[:40]!r}, which was not requested. Tell its publisher"
            )
        self._new_decoder = _DECODERS[name]
        self._decoder, self._pieces = self._new_decoder(), 1
        self._beginnings = _BEGINNINGS.get(self._new_decoder, ())
        self._is_packed = self._new_decoder is not _Plain
        self._behind = b""  # the first bytes after the last piece
        self._limit, self._packed = limit, 0
        self.data = bytearray()

    def add(self, chunk: bytes) -> None:
        """Decompress the next bytes, and add them to `data`.

        Raises:
            DecompressionError: the bytes are damaged, or their ratio is too high.
        """
        self._packed += len(chunk)
        try:
            self._unpack(chunk)
        except _ERRORS as error:
            raise DecompressionError(f"has damaged compressed data ({error}). Try again later") from error
        if self._is_packed and len(self.data) > max(_FREE, MAX_RATIO * self._packed):
            raise DecompressionError(
                f"is more than {MAX_RATIO} times as long after decompression, which no page is, "
                "so it was not read"
            )

    def _unpack(self, chunk: bytes) -> None:
        while not self.is_too_long:
            if self._is_packed and self._decoder.is_whole:
                chunk = self._behind + chunk
                self._behind = chunk[:4]
                if not chunk.startswith(self._beginnings):
                    return
                self._begin_piece()
            # The output is limited, because a few compressed bytes may become gigabytes.
            self.data += self._decoder.unpack(chunk, self._limit + 1 - len(self.data))
            chunk, self._behind = self._decoder.rest, b""
            if not (self._is_packed and self._decoder.is_whole):
                return

    def _begin_piece(self) -> None:
        if self._pieces == MAX_PIECES:
            raise DecompressionError(
                f"is compressed in more than {MAX_PIECES} pieces, which no page is, so it was not read"
            )
        self._decoder, self._pieces = self._new_decoder(), self._pieces + 1

    @property
    def is_too_long(self) -> bool:
        """Whether the answer is longer than the limit."""
        return len(self.data) > self._limit

    @property
    def is_complete(self) -> bool:
        """Whether the compressed data is complete, and the bytes after it do not belong to the page."""
        may_go_on = any(beginning.startswith(self._behind) for beginning in self._beginnings)
        return self._is_packed and self._decoder.is_whole and not may_go_on

    @property
    def broke_off(self) -> bool:
        """Whether the compressed data is incomplete."""
        return self._is_packed and not self._decoder.is_whole

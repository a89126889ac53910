"""Unpack an answer while it arrives: gzip, brotli and zstd, never more than was allowed.

The packed bytes decide nothing about how much is kept: each step says how much it may give. An answer may be
packed in several pieces, one behind the other (RFC 1952 2.2, RFC 8878 3). Never reads from the network.
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
"""For Accept-Encoding (RFC 9110 12.5.3)."""

MAX_RATIO = 300
"""Times its packed length that a page may have; real pages have up to thirty."""

MAX_PIECES = 1000
"""Members or frames of one answer; real pages have one, logs and mirrors some."""

_FREE = 1_000_000  # bytes below which no ratio counts
_GZIP = 16 + zlib.MAX_WBITS
_BOUND: Mapping[int, int] = {zstd.DecompressionParameter.window_log_max: 23}  # 8 MB, as RFC 9659 has it
_ERRORS = (zlib.error, brotli.error, zstd.ZstdError)


class DecompressionError(Exception):
    """The packed bytes are damaged, or unpack to far more than a page."""


class _Decoder(Protocol):
    def unpack(self, packed: bytes, room: int) -> bytes: ...

    @property
    def is_whole(self) -> bool: ...

    @property
    def rest(self) -> bytes: ...  # what came behind the end


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
# How one more piece begins: a gzip member, a zstd frame, a zstd frame to be skipped.
_BEGINNINGS: Mapping[Callable[[], _Decoder], tuple[bytes, ...]] = {
    _Gzip: (b"\x1f\x8b",),
    _Zstd: (b"\x28\xb5\x2f\xfd", *(bytes((first,)) + b"\x2a\x4d\x18" for first in range(0x50, 0x60))),
}


class Decompressor:
    """One answer on its way.

    Args:
        coding: of the header Content-Encoding.
        limit: bytes that are kept; one more is given, so that a longer answer is seen to be longer.

    Raises:
        UnpackingError: the coding was not asked for.
    """

    def __init__(self, coding: str, limit: int) -> None:
        name = coding.strip().lower()
        if name not in _DECODERS:
            raise DecompressionError(
                f"is packed as {coding[:40]!r}, which was not requested. Tell its publisher"
            )
        self._new_decoder = _DECODERS[name]
        self._decoder, self._pieces = self._new_decoder(), 1
        self._beginnings = _BEGINNINGS.get(self._new_decoder, ())
        self._is_packed = self._new_decoder is not _Plain
        self._behind = b""  # the first bytes behind the last piece
        self._limit, self._packed = limit, 0
        self.data = bytearray()

    def add(self, chunk: bytes) -> None:
        """Take what arrived.

        Raises:
            UnpackingError: it is damaged, or its ratio is that of an attack.
        """
        self._packed += len(chunk)
        try:
            self._unpack(chunk)
        except _ERRORS as error:
            raise DecompressionError(f"came with damaged packed data ({error}). Try again later") from error
        if self._is_packed and len(self.data) > max(_FREE, MAX_RATIO * self._packed):
            raise DecompressionError(
                f"unpacks to more than {MAX_RATIO} times its length, as no page does. It was not read"
            )

    def _unpack(self, chunk: bytes) -> None:
        while not self.is_too_long:
            if self._is_packed and self._decoder.is_whole:
                chunk = self._behind + chunk
                self._behind = chunk[:4]
                if not chunk.startswith(self._beginnings):
                    return
                self._begin_piece()
            # Never unpack more than may be kept, however small the packed bytes are.
            self.data += self._decoder.unpack(chunk, self._limit + 1 - len(self.data))
            chunk, self._behind = self._decoder.rest, b""
            if not (self._is_packed and self._decoder.is_whole):
                return

    def _begin_piece(self) -> None:
        if self._pieces == MAX_PIECES:
            raise DecompressionError(
                f"is packed in more than {MAX_PIECES} pieces, as no page is. It was not read"
            )
        self._decoder, self._pieces = self._new_decoder(), self._pieces + 1

    @property
    def is_too_long(self) -> bool:
        """Whether more came than may be kept."""
        return len(self.data) > self._limit

    @property
    def is_complete(self) -> bool:
        """Whether the packed data are at their end, and what follows them is no part of the page."""
        may_go_on = any(beginning.startswith(self._behind) for beginning in self._beginnings)
        return self._is_packed and self._decoder.is_whole and not may_go_on

    @property
    def broke_off(self) -> bool:
        """Whether packed data are not at their end."""
        return self._is_packed and not self._decoder.is_whole

"""Compress a document once, when it is published, instead of at every request.

The compressed forms contain no time or name, so the same document always yields the same bytes. Higher
levels would take longer and save little (docs/performance.md).
"""

import gzip
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import brotli

_BROTLI_QUALITY = 5
_GZIP_LEVEL = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Compression:
    """One way to compress a document."""

    coding: str  # content coding in HTTP (RFC 9110 section 8.4.1)
    ending: str  # appended to the name of the document
    pack: Callable[[bytes], bytes]


PACKINGS = (  # smallest result first
    Compression(
        coding="br",
        ending=".br",
        pack=lambda body: brotli.compress(body, mode=brotli.MODE_TEXT, quality=_BROTLI_QUALITY),
    ),
    Compression(coding="gzip", ending=".gz", pack=lambda body: gzip.compress(body, _GZIP_LEVEL, mtime=0)),
)
ENDINGS = tuple(packing.ending for packing in PACKINGS)


def packed(body: bytes) -> Mapping[str, bytes]:
    """Return the compressed forms (RFC 1952, RFC 7932) that are shorter than the document, by ending."""
    forms = {packing.ending: packing.pack(body) for packing in PACKINGS}
    return {ending: form for ending, form in forms.items() if len(form) < len(body)}

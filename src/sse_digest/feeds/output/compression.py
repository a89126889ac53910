"""Packs a document once, when it is published, instead of at every answer.

No time or name goes in, so the same document gives the same bytes. The qualities are those at which more
work stops to pay (docs/performance.md): building must stay fast.
"""

import gzip
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import brotli

_BROTLI_QUALITY = 5
_GZIP_LEVEL = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Compression:
    """One way to pack a document."""

    coding: str  # as HTTP calls it (RFC 9110 section 8.4.1)
    ending: str  # behind the name of the document
    pack: Callable[[bytes], bytes]


PACKINGS = (  # the one that packs best first
    Compression(
        coding="br",
        ending=".br",
        pack=lambda body: brotli.compress(body, mode=brotli.MODE_TEXT, quality=_BROTLI_QUALITY),
    ),
    Compression(coding="gzip", ending=".gz", pack=lambda body: gzip.compress(body, _GZIP_LEVEL, mtime=0)),
)
ENDINGS = tuple(packing.ending for packing in PACKINGS)


def packed(body: bytes) -> Mapping[str, bytes]:
    """Return the packed forms (RFC 1952, RFC 7932) that are shorter than the document, by ending."""
    forms = {packing.ending: packing.pack(body) for packing in PACKINGS}
    return {ending: form for ending, form in forms.items() if len(form) < len(body)}

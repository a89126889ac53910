"""Packs a document once, when it is published, instead of at every answer.

gzip only: every reader and web server knows it. No time or name goes in, so the same document gives the
same bytes.
"""

import gzip

ENDING = ".gz"  # behind the name of the document
_LEVEL = 9


def packed(body: bytes) -> bytes | None:
    """Give the packed form (RFC 1952); None where that is no shorter."""
    small = gzip.compress(body, _LEVEL, mtime=0)
    return small if len(small) < len(body) else None

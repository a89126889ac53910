"""Hash everything in the program, besides its input, that decides the bytes of documents."""

import sys
import zlib
from functools import cache
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path

from sse_digest.rendering.resources import folder

_PACKAGE = Path(__file__).resolve().parents[1]
_ROOMS = ("model", "rendering", "feeds")  # packages with code that writes documents
_LIBRARIES = (
    "babel",
    "brotli",
    "coloraide",
    "feedgen",
    "jinja2",
    "lxml",
    "markupsafe",
    "nh3",
)  # those that write documents


@cache
def program_mark() -> bytes:
    """Return a hash of our code, templates and catalogues, and of the versions of libraries that write.

    Raises:
        SseDigestError: the templates or catalogues are missing.
    """
    digest = blake2b(digest_size=16)
    digest.update(f"{sys.version} {zlib.ZLIB_RUNTIME_VERSION}".encode())
    for library in _LIBRARIES:
        digest.update(f"{library} {version(library)}\n".encode())
    templates = folder("templates")
    roots = (
        *(_PACKAGE / room for room in _ROOMS),
        *(templates / "web", templates / "design"),
        folder("locales"),
    )
    for root in roots:
        for path in sorted(root.rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                body = path.read_bytes()
                digest.update(f"{path.relative_to(root)} {len(body)}\n".encode() + body)
    return digest.digest()

"""The bytes of one page or file, and where they came from.

This module reads files and decodes text; `http` fetches pages, and `kinds` reads items from them.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from sse_digest.errors import SourceError
from sse_digest.sources.text.charsets import decode, known_charset

_CHUNK = 65_536  # bytes
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page as it was fetched."""

    data: bytes  # never empty
    place: str  # the address after redirects, or the path, as shown to people
    url: str | None = None  # http(s) address after redirects, which relative links refer to; None: a file
    content_type: str | None = None  # lower case, without parameters; None if not stated
    charset: str | None = None  # from the server; None if not stated


def read_bytes(path: Path, limit: int) -> bytes:
    """Return the bytes of a file, or more than `limit` of them if it is longer.

    Memory is not reserved for `limit` bytes in advance.
    """
    with path.open("rb") as file:
        data = file.read(min(limit, path.stat().st_size) + 1)
        while len(data) <= limit and (more := file.read(_CHUNK)):  # it grows or does not report its size
            data += more
    return data


def read_file(path: Path, limit: int) -> Page:
    """Return a file of at most `limit` bytes as a page.

    Raises:
        SourceError: the file does not exist, is a folder or a device, is empty, too long, or cannot be read.
    """
    try:
        if path.is_dir():
            raise SourceError(f"{path} is a folder. Set path to a file in it.")
        if path.exists() and not path.is_file():
            raise SourceError(f"{path} is not a regular file. Set path to a file.")
        data = read_bytes(path, limit)
    except FileNotFoundError as error:
        raise SourceError(f"{path} does not exist. Check the path of the source.") from error
    except (OSError, ValueError) as error:  # ValueError: the path contains NUL
        reason = getattr(error, "strerror", None) or str(error)
        raise SourceError(f"{path} cannot be read ({reason}). Check the path and its permissions.") from error
    if not data.strip():
        raise SourceError(f"{path} is empty. Save the page again.")
    if len(data) > limit:
        raise SourceError(
            f"{path} is longer than {limit / 1_000_000:g} MB, so it was not read. "
            "A news page is far shorter; check the path."
        )
    return Page(data=data, place=str(path))


def refuse_binary(page: Page) -> None:
    """Raise if the bytes are not text.

    Raises:
        SourceError: they contain NUL bytes, or begin like an image, archive or PDF.
    """
    if page.data.startswith(_BOMS[1][0]) or page.data.startswith(_BOMS[2][0]):
        return
    if b"\x00" in page.data or re.match(rb"%PDF-|\x1f\x8b|PK\x03\x04|\x89PNG|\xff\xd8\xff|GIF8", page.data):
        raise SourceError(
            f"{page.place} is not text but another kind of file. Check the address or path of the source."
        )


def decode_utf8(page: Page) -> str:
    """Return the text of a page in UTF-8, UTF-16 with a byte order mark, or the charset from its server.

    Raises:
        SourceError: the page is not text, or in another encoding; the message names the first invalid byte.
    """
    refuse_binary(page)
    encoding = next((name for bom, name in _BOMS if page.data.startswith(bom)), "utf-8")
    try:
        return page.data.decode(encoding)
    except UnicodeDecodeError as error:
        if known_charset(page.charset) not in {None, "utf-8"}:
            return decode(page.data, (page.charset,))[0]
        line = page.data.count(b"\n", 0, error.start) + 1
        raise SourceError(
            f"{page.place} is not UTF-8: byte {error.start} in line {line} cannot be read. "
            "Save it again as UTF-8."
        ) from error

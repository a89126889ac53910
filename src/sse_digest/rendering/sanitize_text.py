"""Clean untrusted text and addresses for a mail, a feed or a page.

Templates escape values. This module removes what escaping does not cover: control characters, characters
that reorder the text around them, lone surrogates, and links that are not web addresses.
"""

import re
import unicodedata
from typing import Literal
from urllib.parse import quote, urlsplit, urlunsplit

from sse_digest.rendering.host_names import ascii_netloc

Direction = Literal["ltr", "rtl"]  # values of the HTML attribute `dir`

_BLANKS = re.compile("[\t\n\v\f\r \x1c-\x1f\x85\u2028\u2029]+")
_DROPPED = re.compile(
    "[\x00-\x1f\x7f-\x9f"  # controls
    "\u202a-\u202e\u2066-\u2069"  # embeddings, overrides and isolates, which may be unclosed
    "\ufeff\ufdd0-\ufdef\ufff9-\ufffb\ufffe\uffff]"  # byte order mark, noncharacters and annotation marks
)
_SURROGATES = re.compile("[\ud800-\udfff]")
_URL_SAFE = "!#$%&'()*+,/:;=?@[]~"  # RFC 3986: reserved characters and "%"
_STRAY_PERCENT = re.compile("%(?![0-9A-Fa-f]{2})")
_HOST = re.compile(r"[A-Za-z0-9._-]+(:\d{1,5})?|\[[0-9A-Fa-f:.]+\](:\d{1,5})?")


def clean(text: str | None) -> str:
    """Return text on one line, without invisible characters that could change the text around it.

    Runs of whitespace become one space; no-break spaces are kept. The result is empty if nothing is visible
    or the text is None.
    """
    visible = _DROPPED.sub("", _BLANKS.sub(" ", text or ""))
    folded = _BLANKS.sub(" ", whole_characters(visible)).strip()
    return folded if any(unicodedata.category(character)[0] in "LNPS" for character in folded) else ""


def whole_characters(text: str) -> str:
    """Return text in which each lone surrogate is replaced by U+FFFD."""
    return _SURROGATES.sub("\ufffd", text)


def web_link(address: str | None) -> str | None:
    """Return an http(s) address in ASCII, or None if the text is not such an address; never raise.

    Non-ASCII paths and queries are percent-encoded, and hosts become A-labels (RFC 3986, 5891). Addresses
    with a user name are refused, because they are used to mislead readers.
    """
    try:
        parts = urlsplit(clean(address))
        host = ascii_netloc(parts.netloc)
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not _HOST.fullmatch(host):
        return None
    quoted = [quote(part, safe=_URL_SAFE) for part in (parts.path, parts.query, parts.fragment)]
    rest = [_STRAY_PERCENT.sub("%25", part) for part in quoted]
    return urlunsplit((parts.scheme, host, *rest))


def direction_of_text(text: str, expected: Direction | None = None) -> Direction | None:
    """Return the direction in which text is written, or None if it has no letters and none is expected.

    The expected direction is returned if any letter has it, or if there are no letters. Otherwise the
    majority of letters decides.
    """
    kinds = [unicodedata.bidirectional(character) for character in text]
    counts: dict[Direction, int] = {"ltr": kinds.count("L"), "rtl": kinds.count("R") + kinds.count("AL")}
    if expected and (counts[expected] or not any(counts.values())):
        return expected
    if not any(counts.values()):
        return None
    return "rtl" if counts["rtl"] > counts["ltr"] else "ltr"

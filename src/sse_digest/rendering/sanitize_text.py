"""Text and addresses from outside, made harmless for a mail, a feed or a page.

Escaping is the template's work. Here goes what escaping cannot help: control characters, characters
that reorder the text around them, half characters, and links that are no web addresses.
"""

import re
import unicodedata
from typing import Literal
from urllib.parse import quote, urlsplit, urlunsplit

from sse_digest.rendering.host_names import ascii_netloc

Direction = Literal["ltr", "rtl"]  # as the attribute `dir` of HTML has it

_BLANKS = re.compile("[\t\n\v\f\r \x1c-\x1f\x85\u2028\u2029]+")
_DROPPED = re.compile(
    "[\x00-\x1f\x7f-\x9f"  # controls
    "\u202a-\u202e\u2066-\u2069"  # embeddings, overrides and isolates: they may never be closed
    "\ufeff\ufdd0-\ufdef\ufff9-\ufffb\ufffe\uffff]"  # marks of files and encodings, never text
)
_SURROGATES = re.compile("[\ud800-\udfff]")
_URL_SAFE = "!#$%&'()*+,/:;=?@[]~"  # RFC 3986: reserved characters and the sign of an escape
_STRAY_PERCENT = re.compile("%(?![0-9A-Fa-f]{2})")
_HOST = re.compile(r"[A-Za-z0-9._-]+(:\d{1,5})?|\[[0-9A-Fa-f:.]+\](:\d{1,5})?")


def clean(text: str | None) -> str:
    """Return the text on one line, without anything invisible that could change what is around it.

    Runs of ordinary whitespace become one blank; no-break spaces inside stay. A text in which nothing
    can be seen, and None, become the empty string.
    """
    visible = _DROPPED.sub("", _BLANKS.sub(" ", text or ""))
    folded = _BLANKS.sub(" ", whole_characters(visible)).strip()
    return folded if any(unicodedata.category(character)[0] in "LNPS" for character in folded) else ""


def whole_characters(text: str) -> str:
    """Return the text with a sign of replacement for each half character (a lone surrogate)."""
    return _SURROGATES.sub("\ufffd", text)


def web_link(address: str | None) -> str | None:
    """Return an http(s) address in ASCII, or None where it is none; never raises.

    A path or query in other scripts is percent-encoded, a host becomes its A-label (RFC 3986, 5891).
    Addresses that carry a user name are refused: they are made to be misread.
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
    """Return the direction a text is written in, judged by its letters.

    The direction its language lets expect holds as long as one letter goes that way or none goes the
    other; else most letters decide. None: there are no letters and nothing is expected.
    """
    kinds = [unicodedata.bidirectional(character) for character in text]
    counts: dict[Direction, int] = {"ltr": kinds.count("L"), "rtl": kinds.count("R") + kinds.count("AL")}
    if expected and (counts[expected] or not any(counts.values())):
        return expected
    if not any(counts.values()):
        return None
    return "rtl" if counts["rtl"] > counts["ltr"] else "ltr"

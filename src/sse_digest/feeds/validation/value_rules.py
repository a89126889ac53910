"""Check single values in a feed: addresses, dates, languages, plain text. Pure.

The rules follow what validators and readers complain about; `findings` explains each of them. Every check
takes the value, the id of its entry and a name for it in the problem.
"""

import re
import unicodedata
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from html.entities import name2codepoint

from sse_digest.feeds.validation.findings import Problems

URI = re.compile(r"[a-zA-Z][0-9a-zA-Z+.-]*:(?://)?(?:[0-9a-zA-Z;/?:@&=+$.\-_!~*'(),#\[\]]|%[0-9A-Fa-f]{2})+")
TAG = re.compile(r"tag:[a-z0-9.-]+,\d{4}:[0-9a-zA-Z;/?:@&=+$.\-_!~*'()%,]+")
LANGUAGE = re.compile(r"[a-zA-Z]{1,8}(-[A-Za-z0-9]{1,8})*")
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_RFC2822 = re.compile(
    r"([A-Z][a-z]{2}, )?\d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d(:\d\d)? (GMT|UT|[A-Z]{3}|[+-]\d{4})"
)
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_TOLERANCE = timedelta(days=1)  # clocks differ, and a date may be in another time zone
_BAD = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffd\ufdd0-\ufdef]")
_DOUBLY_ENCODED = re.compile("[\xc2\xc3][\x80-\xbf]")
_SHOWN = 80


def web_address(value: str | None, entry: str | None, name: str) -> Problems:
    """Yield a problem unless the value is an absolute http or https URI."""
    text = value or ""
    if not re.match(r"https?://[^/?#]", text):
        yield "address", entry, f"{name} is {_shown(text)}"
    else:
        yield from uri(text, entry, name)


def uri(value: str | None, entry: str | None, name: str) -> Problems:
    """Yield a problem unless the value is a URI."""
    if not URI.fullmatch(value or ""):
        yield "uri", entry, f"{name} is {_shown(value or '')}"


def language(value: str | None, entry: str | None, name: str) -> Problems:
    """Yield a problem unless the value is a language tag."""
    if not LANGUAGE.fullmatch(value or ""):
        yield "language", entry, f"{name} is {_shown(value or '')}"


def instant(value: str | None, entry: str | None, name: str, now: datetime) -> Problems:
    """Yield a problem unless the value is a plausible instant in RFC 3339 format."""
    text = (value or "").strip()
    moment = moment_of(text)
    if moment is None:
        yield "date", entry, f"{name} is {_shown(text)}"
    else:
        yield from _plausible(moment, entry, f"{name} {text}", now)


def moment_of(text: str) -> datetime | None:
    """Return the instant in RFC 3339 format, or None if the text is not one."""
    if not _RFC3339.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def mail_date(value: str | None, entry: str | None, name: str, now: datetime) -> Problems:
    """Yield a problem unless the value is a plausible date in RFC 5322 format, which RSS uses."""
    text = (value or "").strip()
    try:
        moment = parsedate_to_datetime(text) if _RFC2822.fullmatch(text) else None
    except ValueError:
        moment = None
    if moment is None:
        yield "date", entry, f"{name} is {_shown(text)}"
    else:
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        yield from _plausible(aware, entry, f"{name} {text}", now)


def _plausible(moment: datetime, entry: str | None, what: str, now: datetime) -> Problems:
    if not _EARLIEST <= moment <= now + _TOLERANCE:
        yield "plausible-date", entry, what


def plain(value: str | None, entry: str | None, name: str, *, numbers: bool) -> Problems:
    """Yield a problem if plain text is blank or looks like markup; `numbers` is as in `atom_problems`."""
    text = value or ""
    if not any(char.isprintable() and not char.isspace() for char in text):
        yield "blank", entry, f"{name} is blank"
        return
    if "<" not in text and "&" not in text:
        return
    names = re.findall(r"&(#?\w+)", text)
    doubtful = any(word in name2codepoint or word == "apos" or not word.isalpha() for word in names)
    if re.search(r"</\w+>", text) or (not numbers and (doubtful or re.search("<[/a-zA-Z]", text))):
        yield "markup", entry, f"{name} is {_shown(text)}"


def characters(value: str | None, entry: str | None, name: str) -> Problems:
    """Yield a problem if the value has characters that XML 1.0 discourages or looks wrongly encoded."""
    text = value or ""
    if text.isascii() and text.isprintable():
        return
    if _BAD.search(text) or any(ord(char) & 0xFFFE == 0xFFFE for char in text):
        yield "characters", entry, f"{name} contains a control or replacement character: {_shown(text)}"
    elif _DOUBLY_ENCODED.search(text):
        yield "characters", entry, f"{name} looks doubly encoded: {_shown(text)}"


def _shown(text: str) -> str:
    """Return an untrusted value shortened to one line, without terminal control characters."""
    seen = "".join(
        char if unicodedata.category(char)[0] != "C" else "\N{REPLACEMENT CHARACTER}" for char in text
    )
    return repr(seen if len(seen) <= _SHOWN else seen[: _SHOWN - 1] + "…") if text.strip() else "empty"

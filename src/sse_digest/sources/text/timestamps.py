"""Read the machine-readable dates of feeds: RFC 5322 as in RSS, RFC 3339 as in Atom.

Every field is checked. Other forms are left to `dates`. The day is the one that the publisher wrote, in the
publisher's own offset. The current date is never used.
"""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, time
from email.utils import parsedate_to_datetime

from sse_digest.model.items import Precision
from sse_digest.sources.text.date_words import MONTHS, fold
from sse_digest.sources.text.dates import DateOrder, ReadDate, read_date

_CLOCK = (
    r"(?:[T ]\s*(?:[01]?\d|2[0-4]):[0-5]\d(?::[0-6]\d(?:[.,]\d{1,9})?)?"
    r"\s*(?:[A-Za-z]{1,5}|[+-]\d\d:?\d\d)?)"
)
_ISO = re.compile(rf"(?P<year>\d{{4}})-(?P<month>\d\d)(?:-(?P<day>\d\d){_CLOCK}?)?")
_RFC = re.compile(
    r"(?:(?P<weekday>[A-Za-z]{3,9})\.?,?\s+)?(?P<day>\d{1,2})[\s-]+(?P<month>[A-Za-z]{3,9})\.?[\s-]+"
    rf"(?P<year>\d{{4}}|\d\d){_CLOCK}?(?:\s*\([^()]{{1,20}}\))?"
)
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FIRST_YEAR, _LAST_YEAR = 1800, 2199
_SHORT_YEAR_TURN = 50  # RFC 5322 section 4.3: 00 to 49 are this century
_MAX_LENGTH = 100
_WHOLE_DAYS = frozenset((time(0), time(12)))


def read_instant(raw: str, *, order: DateOrder | None = None) -> ReadDate | None:
    """Return the date in a text from a feed, or None if it is not a date.

    An impossible date (31 February) has `published` None and a warning.

    Args:
        raw: the text as it is in the feed.
        order: of numeric dates, as the whole feed shows it; None: unknown.
    """
    text = raw.strip()
    if len(text) > _MAX_LENGTH:
        return None
    if match := _ISO.fullmatch(text):
        day = int(match["day"] or 1)
        precision = Precision.DAY if match["day"] else Precision.MONTH
        return _checked(text, int(match["year"]), int(match["month"]), day, precision)
    if (match := _RFC.fullmatch(text)) and (month := MONTHS.get(fold(match["month"]))):
        return _spoken(text, match, month)
    return read_date(text, order=order)


def exact_time(raw: str | None, read: ReadDate) -> datetime | None:
    """Return the instant, in UTC, of a date with time and offset, or None if it has only a day.

    Midnight and noon count as no time, because programs store days without a time so. An instant more than a
    day away from the day in `read`, which may come from another text, is ignored: None.
    """
    text = (raw or "").strip()
    if not text or len(text) > _MAX_LENGTH or read.published is None or read.precision is not Precision.DAY:
        return None
    try:
        moment = datetime.fromisoformat(text) if _ISO.fullmatch(text) else parsedate_to_datetime(text)
        utc = moment.astimezone(UTC)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None
    if moment.tzinfo is None or {moment.time(), utc.time()} & _WHOLE_DAYS:
        return None
    return utc if abs((utc.date() - read.published).days) <= 1 else None


def _spoken(text: str, match: re.Match[str], month: int) -> ReadDate | None:
    """Check a date of RFC 5322 against its weekday; a two-digit year needs one that agrees."""
    weekday = (match["weekday"] or "")[:3].lower()
    if weekday and weekday not in _WEEKDAYS:
        return read_date(text)
    year = int(match["year"])
    is_short = len(match["year"]) < len("2000")
    if is_short:
        year += 2000 if year < _SHORT_YEAR_TURN else 1900
    read = _checked(text, year, month, int(match["day"]), Precision.DAY)
    agrees = read.published is not None and weekday == _WEEKDAYS[read.published.weekday()]
    if is_short and not agrees:
        return ReadDate(warning=f"the year of “{text}” has two digits")
    if read.published is not None and weekday and not agrees:
        return replace(read, warning=f"the weekday in “{text}” does not match its date")
    return read


def _checked(text: str, year: int, month: int, day: int, precision: Precision) -> ReadDate:
    try:
        published = date(year, month, day)
    except ValueError:
        return ReadDate(warning=f"“{text}” is not a day of the calendar")
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        return ReadDate(warning=f"the year of “{text}” is not between {_FIRST_YEAR} and {_LAST_YEAR}")
    return ReadDate(published=published, precision=precision)

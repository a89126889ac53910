"""Read the date line of an item: a day, a month, or a span of time, in nine languages at once.

A line is split into tokens, each token becomes one letter (d a day number, y a year, m a month's name), and a
few patterns over those letters recognise the line. A line that is not a date line is refused: a date inside a
sentence, a bare number, a version. The current date is never used.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache

from sse_digest.model.items import Precision
from sse_digest.sources.text.date_words import KINDS, MONTHS, fold

_DIRECTION = re.compile("[\u061c\u200e\u200f]")
_BRACKETED = re.compile(r"[(\[（【]([^()\[\]（）【】]+)[)\]）】]\s*")
_RAISED = str.maketrans("ᵉʳ°", "erº")  # 1ᵉʳ, and 1° as Italian keyboards have it
_CHINESE_DIGITS = str.maketrans("〇零一二三四五六七八九", "00123456789")
_CHINESE_YEAR = re.compile("[〇零一二三四五六七八九]{4}(?=年)")
_CHINESE_NUMBER = re.compile(
    "(?<=[年月])(?:([一二三四五六七八九]?)(十))?([一二三四五六七八九]?)(?<![年月])(?=[月日号])"
)
MAX_LENGTH = 160
"""Characters; a longer line is not a date line."""


class DateOrder(StrEnum):
    """Which of the two numbers in `03/04/2021` is the day."""

    DAY_FIRST = "day-first"  # 3 April
    MONTH_FIRST = "month-first"  # 4 March


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadDate:
    """The meaning of a date line."""

    published: date | None = None  # None exactly when precision is NONE
    precision: Precision = Precision.NONE
    place: str | None = None  # the name of a place after the date
    is_span: bool = False  # from one day, month or year to another, which is no day of publication
    warning: str | None = None  # why `published` is None


def read_date(text: str, *, order: DateOrder | None = None) -> ReadDate | None:
    """Return the date in a date line, or None if the line is not one.

    A date line is a date with, at most, a time of day, an author or a place after it. If its day cannot be
    known (a span, 31 February, 03/04/2021 without an order), `published` is None and there is a warning.

    Args:
        text: one line, plain; a line longer than `MAX_LENGTH` is never a date.
        order: of numeric dates, from `numeric_order`; None: unknown.
    """
    shape = _shape(_bare(text))
    if shape is None:
        return None
    if shape.kind is _Kind.SPAN:
        return ReadDate(is_span=True, place=shape.place, warning=f"“{text}” is a span of time, not a day")
    if shape.kind is _Kind.SHORT:
        return ReadDate(place=shape.place, warning=f"the year of “{text}” has two digits")
    days = _days(shape)
    if not days:
        return ReadDate(place=shape.place, warning=f"“{text}” is not a day of the calendar")
    published = next(iter(days.values())) if len(set(days.values())) == 1 else None
    if published is None and order is not None:
        published = days[order]
    if published is None:
        warning = f"nothing on this page shows which number in “{text}” is the day"
        return ReadDate(place=shape.place, warning=warning)
    precision = Precision.MONTH if shape.kind is _Kind.MONTH else Precision.DAY
    return ReadDate(published=published, precision=precision, place=shape.place)


def numeric_order(texts: Iterable[str]) -> DateOrder | None:
    """Return which number in `03/04/2021` is the day on a page, or None if its lines do not show it.

    One line such as 29/01/2025 decides for the whole page. If no line decides, or two lines contradict each
    other, the order is unknown.

    Args:
        texts: all lines of the page.
    """
    orders: set[DateOrder] = set()
    for text in texts:
        shape = _shape(_bare(text))
        if shape is not None and shape.kind is _Kind.NUMERIC:
            days = _days(shape)
            if len(days) == 1:
                orders.update(days)
    return orders.pop() if len(orders) == 1 else None


def _bare(text: str) -> str:
    """Return a line without direction marks, raised letters, enclosing brackets and Chinese numerals."""
    plain = _DIRECTION.sub("", unicodedata.normalize("NFC", text)).translate(_RAISED)
    if plain[:1] in "([（【" and len(plain) <= MAX_LENGTH and (inside := _BRACKETED.fullmatch(plain)):
        plain = inside[1]
    if "年" not in plain:
        return plain
    plain = _CHINESE_YEAR.sub(lambda year: year[0].translate(_CHINESE_DIGITS), plain)
    # Twice, because the character after one number is also the character before the next.
    return _CHINESE_NUMBER.sub(_digits, _CHINESE_NUMBER.sub(_digits, plain))


def _digits(chinese: re.Match[str]) -> str:
    """Return a Chinese number from 1 to 99 in digits."""
    tens, ten, ones = chinese.groups()
    value = 10 * int((tens or "1").translate(_CHINESE_DIGITS)) if ten else 0
    return str(value + int((ones or "0").translate(_CHINESE_DIGITS)))


class _Kind(StrEnum):
    """The kinds of date lines."""

    DAY = "day"  # numbers: year, month, day
    MONTH = "month"  # numbers: year, month, 1
    NUMERIC = "numeric"  # numbers: year, and day and month in unknown order
    SHORT = "short"  # 03/04/21; no numbers
    SPAN = "span"  # no numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shape:
    kind: _Kind
    numbers: tuple[int, int, int] = (0, 0, 0)
    place: str | None = None


def _days(shape: _Shape) -> dict[DateOrder, date]:
    """Return the days that the numbers of a shape may mean, by their order; impossible days are left out."""
    year, first, second = shape.numbers
    readings = {DateOrder.DAY_FIRST: (second, first), DateOrder.MONTH_FIRST: (first, second)}
    if shape.kind is not _Kind.NUMERIC:
        del readings[DateOrder.DAY_FIRST]
    found = {}
    for order, (month, day) in readings.items():
        try:
            found[order] = date(year, month, day)
        except ValueError:
            continue
    return found


# ------------------------------------------------------------------ tokens

_TOKEN = re.compile(r"\d+|日期|[年月日号]|[^\W\d_]+|\S")
_SIGNS = (
    dict.fromkeys("-–—−‐‑~", "-")
    | dict.fromkeys(",،、", ",")
    | {"&": "r", ".": ".", "/": "/", ":": ":"}
    | {"：": ":"}
)
_FIRST_YEAR, _LAST_YEAR = 1800, 2199
_YEAR_WIDTH = 4
_DAY_WIDTH = 2
_LAST_DAY = 31
_LAST_MONTH = 12


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str  # one letter: date_words.KINDS, d day or month number, y year, n other number, a sign, x other
    word: str  # folded
    value: int  # the number, or the month's number; else 0
    end: int  # index in the line after the token


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    for match in _TOKEN.finditer(text):
        word = match.group()
        if word[0].isdecimal():
            found.append(_number(word, match.end()))
            continue
        folded = fold(word)
        pair = f"{found[-1].word} {folded}" if found else ""
        if pair in MONTHS:  # a month of two words
            found[-1] = _Token("m", pair, MONTHS[pair], match.end())
        else:
            kind = KINDS.get(folded) or _SIGNS.get(word, "x")
            found.append(_Token(kind, folded, MONTHS.get(folded, 0), match.end()))
    return found


def _number(word: str, end: int) -> _Token:
    value = int(word) if len(word) <= _YEAR_WIDTH else 0
    if len(word) == _YEAR_WIDTH and _FIRST_YEAR <= value <= _LAST_YEAR:
        return _Token("y", word, value, end)
    kind = "d" if len(word) <= _DAY_WIDTH and 1 <= value <= _LAST_DAY else "n"
    return _Token(kind, word, value, end)


# ------------------------------------------------------------------ patterns
# Regular expressions over the letters of the tokens.

_JOIN = "[-./,c]{0,3}"
_MONTH = r"[mb]\.?(?:/[mb]\.?)?"
_NUMBER = "d[.o]{0,3}"
_DMY = f"{_NUMBER}{_JOIN}{_MONTH}{_JOIN}y"
_MDY = f"{_MONTH}c?{_NUMBER},?y"
_MY = f"{_MONTH}{_JOIN}y"
_YMD = "y(?:-d-|/d/|[.]d[.])d"
_CJK_DAY = "yJdGdR?(?:[RG]?w)?"
_CJK_MONTH = "yJdG"
_DOTTED = "d[.]d[.]y"
_XXY = "d(?:-d-|/d/)y"

_LEAD = r"[lc:]{0,4}(?:[wbc]\.?(?:-w)?,?)?[lc:]{0,3}"  # c: "Di" and "Do" are also weekdays

# The patterns for one date: its kind, and the indexes of year, month and day in the list
# (month by name, 1, first number, second number, third number).
_SINGLES = tuple(
    (kind, re.compile(f"{_LEAD}(?P<core>{pattern})"), places)
    for kind, pattern, places in (
        (_Kind.DAY, _DMY, (3, 0, 2)),
        (_Kind.DAY, _MDY, (3, 0, 2)),
        (_Kind.MONTH, _MY, (2, 0, 1)),
        (_Kind.DAY, _YMD, (2, 3, 4)),
        (_Kind.DAY, _CJK_DAY, (2, 3, 4)),
        (_Kind.MONTH, _CJK_MONTH, (2, 3, 1)),
        (_Kind.DAY, _DOTTED, (4, 3, 2)),  # with dots the day always comes first
        (_Kind.NUMERIC, _XXY, (4, 2, 3)),
        (_Kind.MONTH, "y-d", (2, 3, 1)),
        (_Kind.MONTH, "d/y", (3, 2, 1)),
        (_Kind.SHORT, "d/d/[dn]", (1, 1, 1)),
    )
)

_DATED = f"(?:{_DMY}|{_MDY}|{_MY}|{_YMD}|{_CJK_DAY}|{_CJK_MONTH}|{_DOTTED}|{_XXY})"
_PART = f"(?:{_NUMBER}(?:{_JOIN}{_MONTH})?|{_MONTH}(?:{_NUMBER})?)"
_FROM = r"[lcf:]{0,4}(?:w\.?(?:-w)?,?)?[lcf:]{0,3}"
_UNTIL = r",?[-r]{1,2}[lcf]{0,3}(?:w\.?,?)?[lc]?"
_SPANS = tuple(
    re.compile(pattern)
    for pattern in (
        f"{_FROM}(?:{_PART},)*(?:{_DATED}|{_PART}){_UNTIL}{_DATED}",  # 12 - 14 July 2023
        f"{_FROM}{_MONTH}{_NUMBER}{_UNTIL}{_NUMBER},?y",  # July 17 - 21, 2023
        f"{_FROM}{_CJK_DAY}{_UNTIL}(?:dG)?dR",  # 2017年10月3日至5日
        f"{_FROM}(?:{_DATED}|y){_UNTIL}y(?![-./])",  # 2015 - 2019
        f"{_FROM}(?:{_DATED}|y),?[-r][lcfr]{{0,3}}g",  # 1 May 2015 - ongoing
        f"{_FROM}{_DATED}-$",  # 1 May 2015 -
        f"[lc:]{{0,4}}f[lc]{{0,2}}{_DATED}",  # since 1 May 2015
    )
)


# ------------------------------------------------------------------ lines


@lru_cache(maxsize=4096)
def _shape(text: str) -> _Shape | None:
    if len(text) > MAX_LENGTH or not any(map(str.isdecimal, text)):
        return None
    line = _Line(text, tuple(_tokens(text)))
    # A span may begin with a complete date. Therefore spans with a place are tried before dates with a place.
    return (
        _single(line, _closing)
        or _span(line, _closing)
        or _span(line, _place_behind)
        or _single(line, _place_behind)
    )


class _Line:
    """A line with its tokens, and their letters as one string."""

    __slots__ = ("kinds", "text", "tokens")

    def __init__(self, text: str, tokens: tuple[_Token, ...]) -> None:
        self.text = text
        self.tokens = tokens
        self.kinds = "".join(token.kind for token in tokens)

    def behind(self, count: int) -> str:
        """Return the text after the first `count` tokens."""
        return self.text[self.tokens[count - 1].end :]


def _single(line: _Line, accept: Callable[[str], str | None]) -> _Shape | None:
    for kind, pattern, places in _SINGLES:
        match = pattern.match(line.kinds)
        place = accept(line.behind(match.end())) if match else None
        if match is None or place is None:
            continue
        core = line.tokens[match.start("core") : match.end("core")]
        months = {token.value for token in core if token.kind in "mb"}
        if len(months) > 1:  # "May/June 2019" is a span; "أيلول/سبتمبر" names one month twice
            return _Shape(kind=_Kind.SPAN, place=place or None)
        values = [sum(months), 1, *(token.value for token in core if token.kind in "dy")]
        year, first, second = (values[place] for place in places)
        if kind is _Kind.MONTH and first > _LAST_MONTH:  # not a month but a number such as "No. 31/2021"
            continue
        return _Shape(kind=kind, numbers=(year, first, second), place=place or None)
    return None


def _span(line: _Line, accept: Callable[[str], str | None]) -> _Shape | None:
    for pattern in _SPANS:
        match = pattern.match(line.kinds)
        place = accept(line.behind(match.end())) if match else None
        if place is not None:
            return _Shape(kind=_Kind.SPAN, place=place or None)
    return None


_CLOSING = re.compile(r"(?:\s*г(?:ода|\.)?)?[\s,،;:.)]*(?:[(（](?P<weekday>\w+)[)）])?")
_TIME = re.compile(
    r"[T,;|\s–—-]*(?:\b(?:at|à|um|a las|às|ore)\b)?\s*\d{1,2}(?:[:.h]\d{2}){1,2}"
    r"(?:[\s:.,\d–—+-]|\b(?:am|pm|uhr|h|hrs|gmt|utc|cet|cest|est|edt|bst|to)\b|z)*",
    re.IGNORECASE,
)


def _closing(rest: str) -> str | None:
    """Return "" for closing punctuation, a weekday in brackets, a time of day or an author; else None."""
    rest = _YEAR_WORD.sub(" ", rest, count=1) if _YEAR_WORD.match(rest) else rest
    closing = _CLOSING.fullmatch(rest)
    if closing and closing["weekday"]:
        return "" if KINDS.get(fold(closing["weekday"])) in {"w", "G"} else None
    return "" if closing or _TIME.fullmatch(rest) or _is_author(rest) else None


# The word after a Russian year, if a time of day follows; and the author, who may follow any date.
_YEAR_WORD = re.compile(r"\s*г(?:ода|\.)?(?=[\s,])[\s,]*в?\s*(?=\d)")
_AUTHOR = re.compile(r"[\s,|·–—-]*\b(?:by|von|par|por|di) (?P<name>[^\W\d_][^\d,;:!?|]{1,50})", re.IGNORECASE)


def _is_author(rest: str) -> bool:
    """Return whether the text after a date names an author, such as "by Amina Odhiambo"."""
    found = _AUTHOR.fullmatch(rest)
    words = found["name"].split() if found else ()
    return 0 < len(words) <= _AUTHOR_WORDS and all(word[0].isupper() for word in words)


_BEFORE_PLACE = re.compile(r"\s*(?:[,،|/(]|[-–—]\s)\s*")
_NO_PLACE = re.compile(r"[\d!?؟。:;]|[^\W\d_]{4}\.\s")
_FULL_STOP = re.compile(r"(?<=[^\W\d_]{4})\.$")
_AUTHOR_WORDS = 4
_PLACE_LENGTH = 70
_PLACE_WORDS = 9
_SMALL_WORDS = frozenset(
    {
        "a", "al", "and", "au", "aux", "d", "da", "das", "de", "del", "der", "des", "di", "do",
        "dos", "du", "e", "el", "en", "et", "i", "in", "la", "las", "le", "les", "los", "of", "on",
        "the", "u", "und", "y",
    },
)  # fmt: skip


def _place_behind(rest: str) -> str | None:
    """Return the place in the text after a date, or None if it does not read as the name of a place.

    Such a name has few words, most of them capitalised, and is not a sentence.
    """
    opening = _BEFORE_PLACE.match(rest)
    if opening is None:
        return None
    place = _FULL_STOP.sub("", rest[opening.end() :].strip(" ,،"))
    if opening.group().strip() == "(":
        if not place.endswith(")"):
            return None
        place = place.removesuffix(")").rstrip()
    words = place.split()
    if not words or len(place) > _PLACE_LENGTH or len(words) > _PLACE_WORDS or _NO_PLACE.search(place):
        return None
    if len(words) > 1 and words[0][0].islower():
        return None
    lower = [word for word in words if word[0].islower() and word not in _SMALL_WORDS]
    return None if len(words) > 2 and 3 * len(lower) > len(words) else place

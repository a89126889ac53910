"""Every visible word, date and number in the languages the frame is offered in.

The catalogues are the .po files in `locales/`, read at start; nothing is compiled to disk. The
language of an item is not decided here: only that of the words around it.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from gettext import GNUTranslations
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po
from babel.numbers import format_decimal

from sse_digest.errors import SseDigestError
from sse_digest.model.items import Precision
from sse_digest.rendering.resources import folder
from sse_digest.rendering.sanitize_text import Direction

LANGUAGES = ("en", "fr", "es", "ar")  # each has a folder in locales/
_REGIONS = {"en": "en_GB"}  # whose dates are written: day, month, year
_FIRST_OF_MONTH = {"fr": ("1 ", "1er ")}  # CLDR has no ordinal for it


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """The words of one language, and how it writes dates and numbers."""

    language: str  # a member of LANGUAGES
    direction: Direction
    locale: Locale
    translations: GNUTranslations

    @property
    def start(self) -> str:
        """The side a line begins at: `left` or `right`."""
        return "left" if self.direction == "ltr" else "right"

    @property
    def end(self) -> str:
        """The side a line ends at: `right` or `left`."""
        return "right" if self.direction == "ltr" else "left"

    def gettext(self, message: str) -> str:
        """Translate; a message the catalogue does not hold stays English."""
        return self.translations.gettext(message)

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        """Translate in the form that `number` asks for (Arabic has six)."""
        return self.translations.ngettext(singular, plural, number)

    def date(self, day: date | None, precision: Precision = Precision.DAY) -> str:
        """Write a day ("19 April 2023"), or its month ("April 2023"); nothing where none is known."""
        if day is None or precision is Precision.NONE:
            return ""
        if precision is Precision.MONTH:
            return format_skeleton("yMMMM", day, locale=self.locale)
        text = format_date(day, format="long", locale=self.locale)
        cardinal, ordinal = _FIRST_OF_MONTH.get(self.language, ("", ""))
        return ordinal + text.removeprefix(cardinal) if cardinal and text.startswith(cardinal) else text

    def number(self, number: int) -> str:
        """Write a whole number with the language's grouping."""
        return format_decimal(number, locale=self.locale)

    def listing(self, words: Sequence[str]) -> str:
        """Join words as a sentence does ("one, two and three")."""
        return format_list(words, locale=self.locale)

    def language_name(self, tag: str) -> str:
        """Name a language in this one ("fr" is "French"); an unknown tag stays as it is."""
        named = _locale(tag)
        return (named.get_display_name(self.locale) if named else None) or tag


def nearest(language: str | None, *, default: str = "en") -> str:
    """Return the offered language for a tag such as `fr-CA`; `default` where there is none."""
    primary = (language or "").replace("_", "-").split("-")[0].lower()
    return primary if primary in LANGUAGES else default


def direction_of(language: str | None) -> Direction | None:
    """Return the direction a language is written in; None where the tag is unknown."""
    locale = _locale(language or "")
    if locale is None:
        return None
    return "rtl" if locale.character_order == "right-to-left" else "ltr"


def own_name(language: str) -> str:
    """Name a language in itself ("zh" is "中文"), as its readers look for it; an unknown tag stays."""
    named = _locale(language)
    # Babel takes "und" for the likeliest language there is.
    known = named is not None and named.language == language.split("-", maxsplit=1)[0]
    return (named.get_display_name() if named and known else None) or language


def load(language: str | None, *, default: str = "en") -> Catalogue:
    """Return the catalogue of a language, or of the nearest one offered, or of `default`.

    Raises:
        SseDigestError: the catalogue's file is missing or damaged.
    """
    return _ours(nearest(language, default=nearest(default)))


def read_catalogue(language: str, locales: Path) -> Catalogue:
    """Read one catalogue from a folder; `load` keeps those that come with the program.

    Raises:
        SseDigestError: its file is missing or damaged.
    """
    path = locales / language / "LC_MESSAGES" / "messages.po"
    try:
        with path.open("rb") as file:
            catalog = read_po(file, locale=language, abort_invalid=True)
    except (OSError, PoFileError, UnicodeDecodeError) as error:
        raise SseDigestError(f"The catalogue {path} cannot be read: {error}") from error
    compiled = io.BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    locale = Locale.parse(_REGIONS.get(language, language))
    return Catalogue(
        language=language,
        direction=direction_of(language) or "ltr",
        locale=locale,
        translations=GNUTranslations(compiled),
    )


@cache
def _ours(language: str) -> Catalogue:
    return read_catalogue(language, folder("locales"))


@lru_cache(maxsize=256)
def _locale(tag: str) -> Locale | None:
    try:
        return Locale.parse(tag.replace("-", "_"))
    except (ValueError, UnknownLocaleError):
        return None

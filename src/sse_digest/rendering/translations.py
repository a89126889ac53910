"""Load the catalogues: all visible words by language, with dates and numbers.

The catalogues are the .po files in `locales/`; nothing is compiled to disk. They translate the words around
items, never the items themselves.
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
_REGIONS = {"en": "en_GB"}  # British dates: day, month, year
_FIRST_OF_MONTH = {"fr": ("1 ", "1er ")}  # CLDR does not have the ordinal


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """The words of one language, and its way of writing dates and numbers."""

    language: str  # a member of LANGUAGES
    direction: Direction
    locale: Locale
    translations: GNUTranslations

    @property
    def start(self) -> str:
        """The side on which a line begins: `left` or `right`."""
        return "left" if self.direction == "ltr" else "right"

    @property
    def end(self) -> str:
        """The side on which a line ends: `right` or `left`."""
        return "right" if self.direction == "ltr" else "left"

    def gettext(self, message: str) -> str:
        """Return the translation of a message; it stays English if the catalogue does not have it."""
        return self.translations.gettext(message)

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        """Return the translation in the plural form for `number` (Arabic has six forms)."""
        return self.translations.ngettext(singular, plural, number)

    def date(self, day: date | None, precision: Precision = Precision.DAY) -> str:
        """Return a day ("19 April 2023") or its month ("April 2023") in words; "" if it is unknown."""
        if day is None or precision is Precision.NONE:
            return ""
        if precision is Precision.MONTH:
            return format_skeleton("yMMMM", day, locale=self.locale)
        text = format_date(day, format="long", locale=self.locale)
        cardinal, ordinal = _FIRST_OF_MONTH.get(self.language, ("", ""))
        return ordinal + text.removeprefix(cardinal) if cardinal and text.startswith(cardinal) else text

    def number(self, number: int) -> str:
        """Return a whole number with the language's digits and grouping."""
        return format_decimal(number, locale=self.locale)

    def listing(self, words: Sequence[str]) -> str:
        """Return words joined as in a sentence ("one, two and three")."""
        return format_list(words, locale=self.locale)

    def language_name(self, tag: str) -> str:
        """Return the name of a language in this one ("fr" is "French"), or the tag if it is unknown."""
        named = _locale(tag)
        return (named.get_display_name(self.locale) if named else None) or tag


def nearest(language: str | None, *, default: str = "en") -> str:
    """Return the language of LANGUAGES for a tag such as `fr-CA`, or `default` if there is none."""
    primary = (language or "").replace("_", "-").split("-")[0].lower()
    return primary if primary in LANGUAGES else default


def direction_of(language: str | None) -> Direction | None:
    """Return the direction in which a language is written, or None if the tag is unknown."""
    locale = _locale(language or "")
    if locale is None:
        return None
    return "rtl" if locale.character_order == "right-to-left" else "ltr"


def own_name(language: str) -> str:
    """Return the name of a language in that language ("zh" is "中文"), or the tag if it is unknown."""
    named = _locale(language)
    # Babel resolves "und" to the most likely language.
    known = named is not None and named.language == language.split("-", maxsplit=1)[0]
    return (named.get_display_name() if named and known else None) or language


def load(language: str | None, *, default: str = "en") -> Catalogue:
    """Return the catalogue for a language tag such as `fr-CA`, or that of `default` if there is none.

    Raises:
        SseDigestError: the catalogue's file is missing or damaged.
    """
    return _ours(nearest(language, default=nearest(default)))


def read_catalogue(language: str, locales: Path) -> Catalogue:
    """Read a catalogue from a folder; for those that come with the program use `load`, which caches them.

    Raises:
        SseDigestError: the catalogue's file is missing or damaged.
    """
    path = locales / language / "LC_MESSAGES" / "messages.po"
    try:
        with path.open("rb") as file:
            catalog = read_po(file, locale=language, abort_invalid=True)
    except (OSError, PoFileError, UnicodeDecodeError) as error:
        raise SseDigestError(
            f"The catalogue {path} cannot be read: {error}. Install sse-digest again."
        ) from error
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

"""Tell from its looks alone what one line of a listing is: credit, contact, pager, heading, running text.

Nothing here knows a page, a title or a kicker by name.
"""

import re

from sse_digest.model.items import Precision
from sse_digest.sources.dates import read_date

_CREDIT = re.compile(
    r"©|\(c\)\s|&copy;|"
    r"(?:photo|foto|image|imagen|imagem|bild|crédits?|crédito|credits?|copyright|الصورة|صورة)"
    r"(?:\s+(?:credit|crédit|by|de|par|por))?\s*:?\s*©",
    re.IGNORECASE,
)
_CREDIT_LENGTH = 160

_CONTACT = re.compile(
    r"(?:[\w.+-]{1,64}@[\w.-]{1,255}|(?:https?://|www\.)\S{1,300}|\+?[\d(][\d\s()./+-]{6,30}\d)",
)
_LABELLED = re.compile(r"[^\W\d_][\w .-]{0,30}[:.]\s*(?=\S)")

_PAGER = re.compile(
    r"[«‹<←»›>→|\s]*(?:"
    r"(?:page|pages|seite|página|pagina|صفحة|страница)?\s*\d{1,4}(?:\s*(?:of|sur|de|von|di|/|من|из)\s*\d{1,4})?"
    r"|(?:\d{1,4}[\s|·,]+){2,}\d{0,4}(?:\s*(?:\.\.\.|…)\s*\d{1,4})?"
    r"|(?:next|previous|prev|first|last|suivante?|précédente?|siguiente|anterior|seguinte|próxima"
    r"|weiter|zurück|nächste|vorherige|التالي|السابق|avanti|indietro)(?:\s+page|\s+seite|\s+página)?"
    r"|(?:read|see|show|load)\s+(?:more|all)|more|lire la suite|en savoir plus|voir plus|voir tout|leer más"
    r"|ver más|ver todo|leia mais|saiba mais|ver mais|mehr|weiterlesen|mehr lesen|mehr erfahren"
    r"|اقرأ المزيد|المزيد|back to top|haut de page|nach oben"
    r")[«‹<←»›>→|.…\s]*",
    re.IGNORECASE,
)
_PAGER_LENGTH = 60

_YEAR = re.compile(r"(?:1[89]|2[01])\d{2}")
_DAY_NUMBER = re.compile(r"(?<!\d)\d{1,2}(?!\d)")

_SENTENCE_END = re.compile(r"(?<!\b[A-Z])[.!?…。؟]['\"”“’»)\]]*$")
_SENTENCE_BREAK = re.compile(r"[^\W\d_]{3}[.。؟][\"”’»)\]]* (?=[\"“«(]?[^\W\d_])")
_PROSE_LENGTH = 60
_LONG = 200


def is_credit(line: str) -> bool:
    """Say whether the line credits an image: it begins with ©, at most with a word for "photo" before it."""
    return len(line) <= _CREDIT_LENGTH and _CREDIT.match(line) is not None


def is_contact(line: str) -> bool:
    """Say whether the line is nothing but an e-mail address, a web address or a telephone number."""
    label = _LABELLED.match(line)
    return any(_CONTACT.fullmatch(part) for part in (line, line[label.end() :] if label else line))


def is_pager(line: str) -> bool:
    """Say whether the line only leads to other pages: "Page 2 of 7", "Next", "Read more"."""
    return len(line) <= _PAGER_LENGTH and _PAGER.fullmatch(line) is not None


def is_period(line: str) -> bool:
    """Say whether the line names a year, a month, or a span of months: what listings are divided by."""
    if _YEAR.fullmatch(line.rstrip(" :")):
        return True
    found = read_date(line)
    if found is None or found.place:
        return False
    return found.precision is Precision.MONTH or (found.is_span and _DAY_NUMBER.search(line) is None)


def is_prose(line: str) -> bool:
    """Say whether the line reads as running text rather than as a title.

    A guess, to be used only where the place of a line does not tell what it is.
    """
    if len(line) >= _LONG:
        return True
    if len(line) < _PROSE_LENGTH:
        return False
    return bool(_SENTENCE_END.search(line) or _SENTENCE_BREAK.search(line))

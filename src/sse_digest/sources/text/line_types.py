"""Recognise what a line of a listing is from its appearance: credit, contact, pager, heading, running text.

The rules are general: none of them names a particular page, title or kicker.
"""

import re

from sse_digest.model.items import Precision
from sse_digest.sources.text.dates import read_date

_CREDIT = re.compile(
    r"(?:(?:photos?|fotos?|image|imagen|imagem|bild|crédits?|crédito|credits?|copyright|by|par|por|صورة|الصورة)"
    r"[\s:]+){0,3}(?:©|\(c\)\s|&copy;)",
    re.IGNORECASE,
)
_CREDIT_LENGTH = 200

_CONTACT = re.compile(r"[\w.+-]{1,64}@[\w.-]{1,255}|\+?[\d(][\d\s()./+-]{6,30}\d")
_LABELLED = re.compile(r"[^\W\d_][\w .-]{0,30}[:.]\s*(?=\S)")

_PAGER_LENGTH = 60
_PAGE_DIGITS = 3
_BETWEEN_PAGES = re.compile(r"(?:[\s|·,…«»‹›<>←→]|\.{3})+")
_PAGE_WORDS = frozenset(
    {
        *("page", "pages", "of", "next", "previous", "prev", "first"),
        *("last", "sur", "suivante", "suivant", "précédente", "précédent", "página"),
        *("páginas", "de", "siguiente", "anterior", "seguinte", "próxima", "seite"),
        *("von", "weiter", "zurück", "nächste", "vorherige", "pagina", "di"),
        *("avanti", "indietro", "صفحة", "الصفحة", "من", "التالي", "السابق"),
    },
)
_LEADING_ON = frozenset(
    {
        *("more", "read more", "see more", "show more", "load more", "see all", "show all", "view all"),
        *("lire la suite", "en savoir plus", "voir plus", "voir tout", "back to top", "haut de page"),
        *("leer más", "ver más", "ver todo", "saiba mais", "leia mais", "ver mais", "ver tudo"),
        *("mehr", "mehr lesen", "mehr erfahren", "weiterlesen", "nach oben", "اقرأ المزيد", "المزيد"),
        *(
            "continue reading",
            "learn more",
            "find out more",
            "full story",
            "read the full story",
            "read article",
        ),
        *("lire plus", "lire l'article", "lire l’article", "plus d'infos", "plus d’infos", "découvrir"),
        *(
            "seguir leyendo",
            "más información",
            "leer nota completa",
            "ler mais",
            "continuar lendo",
            "veja mais",
        ),
        *("weiter lesen", "mehr dazu", "mehr infos", "zum artikel", "zur meldung", "zum beitrag"),
        *("leggi tutto", "leggi di più", "leggi", "continua a leggere", "continua", "scopri di più"),
        *("подробнее", "читать далее", "читать полностью", "далее", "читать дальше", "все новости"),
        *(
            "قراءة المزيد",
            "للمزيد",
            "اقرأ أكثر",
            "更多",
            "阅读更多",
            "查看更多",
            "阅读全文",
            "查看详情",
            "详情",
        ),
    },
)

_LEADING_WORDS = 4  # at most
_UNQUOTED = re.compile(r"[\s:\"“”„«»‹›→|·…-]+")

_COUNTED = re.compile(r"[^\W\d_]+(?: [^\W\d_]+)?\s?: ?(?!(?:19|20)\d{2}$)\d{1,7}")
_COMMENTS = re.compile(
    r"\W*(?:\d{1,5}|no(?: hay)?|sin|keine?|aucun|pas de|nessun|sem|nenhum|нет|leave a|deja un|add a) ?"
    r"(?:comments?|comentarios?|kommentare?|commentaires?|comment[oi]|comentários?|комментари[йяев]{1,2})\W*",
    re.IGNORECASE,
)
_WRITTEN_BY = re.compile(
    r"(?i:(?:written|posted|geschrieben|verfasst|escrito|écrit|rédigé|scritto)? ?\b(?:by|von|por|par|da))"
    r"(?: [A-ZÀ-ÖØ-Þ][^\W\d_]*[\w.’'-]*){1,4}"
)

_LABELS = frozenset(
    {
        *("date", "dated", "published", "published on", "posted", "posted on", "publication date", "updated"),
        *("publié", "publié le", "paru le", "fecha", "publicado", "publicado el", "publicado em", "data"),
        *("datum", "veröffentlicht", "veröffentlicht am", "erschienen", "pubblicato", "pubblicato il"),
        *("дата", "опубликовано", "التاريخ", "تاريخ النشر", "نشر في", "日期", "发布日期", "发布时间", "时间"),
    },
)

_YEAR = re.compile(r"(?:1[89]|2[01])\d{2}")
_DAY_NUMBER = re.compile(r"(?<!\d)\d{1,2}(?!\d)")

_SENTENCE_END = re.compile(r"(?<!\b[A-Z])[.!?…。؟]['\"”“’»)\]]*$")
_SENTENCE_BREAK = re.compile(r"[^\W\d_]{3}[.。؟][\"”’»)\]]* (?=[\"“«(]?[^\W\d_])")
_PROSE_LENGTH = 60
_LONG = 200


def is_credit(line: str) -> bool:
    """Return whether the line is an image credit: it begins with ©, or with a word like "Photo" and ©."""
    may_be = len(line) <= _CREDIT_LENGTH and ("©" in line or "(" in line or "&" in line)
    return may_be and _CREDIT.match(line) is not None


def is_contact(line: str) -> bool:
    """Return whether the line is only an e-mail address or a telephone number."""
    label = _LABELLED.match(line)
    return any(_CONTACT.fullmatch(part) for part in (line, line[label.end() :] if label else line))


def is_pager(line: str) -> bool:
    """Return whether the line only leads to other pages: "Page 2 of 7", "Next", "Read more"."""
    if len(line) > _PAGER_LENGTH:
        return False
    words = _BETWEEN_PAGES.sub(" ", line.casefold()).split()
    if " ".join(words) in _LEADING_ON:
        return True
    return all(word in _PAGE_WORDS or (word.isdecimal() and len(word) <= _PAGE_DIGITS) for word in words)


def leads_on(line: str) -> bool:
    """Return whether the line begins like a link to more: "Read more about the fair"."""
    words = _UNQUOTED.sub(" ", line[:_PAGER_LENGTH].casefold()).split()
    return any(" ".join(words[:count]) in _LEADING_ON for count in range(1, _LEADING_WORDS + 1))


def leads_on_to(line: str, title: str) -> bool:
    """Return whether the line only links to the item with this title: "More on TITLE", "TITLE: more"."""
    if not title or title not in line:
        return False
    before, _, behind = line.partition(title)
    if len(before) + len(behind) > _PAGER_LENGTH:
        return False
    return leads_on(before) or is_pager(_UNQUOTED.sub(" ", behind).strip() or "-")


def is_aside(line: str) -> bool:
    """Return whether the line only names an author or counts readers: "By A. Ibarra", "Hits: 41"."""
    if len(line) > _PAGER_LENGTH:
        return False
    return any(looks.fullmatch(line) for looks in (_COUNTED, _COMMENTS, _WRITTEN_BY))


def is_label(line: str) -> bool:
    """Return whether the line is only the label of a date: "Date:", "Published on"."""
    return len(line) <= _PAGER_LENGTH and line.casefold().rstrip(" :：") in _LABELS


def is_month_heading(line: str) -> bool:
    """Return whether the line is a heading such as listings have: a year, a month, or a span of months."""
    if _YEAR.fullmatch(line.rstrip(" :")):
        return True
    found = read_date(line)
    if found is None or found.place:
        return False
    return found.precision is Precision.MONTH or (found.is_span and _DAY_NUMBER.search(line) is None)


def is_prose(line: str) -> bool:
    """Return whether the line reads as running text rather than as a title.

    This is a guess. Use it only if the position of the line does not show what it is.
    """
    if len(line) >= _LONG:
        return True
    if len(line) < _PROSE_LENGTH:
        return False
    return bool(_SENTENCE_END.search(line) or _SENTENCE_BREAK.search(line))

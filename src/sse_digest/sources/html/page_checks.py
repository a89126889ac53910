"""Check whether a page is complete, and whether it is an error page or the like instead of news.

Cookie walls, sign-in pages and error pages with status 200 name themselves in their title or first heading.
A title counts only if it says nothing else, so that news about errors is still news.
"""

import re
from itertools import islice

from sse_digest.model.reading_stats import PageSignals
from sse_digest.sources.page import Page
from sse_digest.sources.text.plain_text import plain_text

_HEAD = 20_000  # characters within which the html or body tag of an HTML document begins
_OPENS = re.compile(r"<(?:html|body)[\s>]", re.IGNORECASE)
_BEGINS = re.compile(r"<!doctype\s+html\b", re.IGNORECASE)
_CLOSES = re.compile(r"</(?:html|body)\s*>", re.IGNORECASE)
_TITLES = re.compile(r"<(title|h1)\b[^>]{0,500}>(.{0,500}?)</\1\s*>", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^>]{0,500}>")
_PARTS = re.compile(r"\s+[|–—·•:»-]+\s+|:\s+")
_MAX_TITLES = 20

_GUARDS = {
    "sign-in page": (
        r"(?:please )?(?:sign|log)[ -]?in(?: (?:required|to continue|to your account))?|login(?: required)?",
        r"(?:se connecter|connexion|authentification)(?: requise)?|iniciar (?:la )?sesi[oó]n",
        r"acceso de usuarios|entrar|iniciar sess[aã]o|anmelden|anmeldung|accedi|вход|авторизация",
        r"تسجيل الدخول|登录|登入",
    ),
    "cookie wall": (
        r"before you continue|we value your privacy|cookie (?:consent|settings|wall)|accept (?:all )?cookies",
        r"(?:gestion|paramètres) des cookies|configuración de cookies|cookie-einstellungen",
    ),
    "challenge of a guard against robots": (
        r"just a moment(?:\.\.\.|…)?|attention required!?|access (?:to this page )?(?:has been )?denied",
        r"checking your browser.{0,60}|are you (?:a )?(?:human|robot)\??|security check|one more step",
        r"verif(?:y|ying) (?:that )?you are human.{0,40}|please wait(?:\.\.\.|…)?",
        r"request (?:blocked|rejected)|forbidden",
    ),
    "error page": (
        r"(?:error |fehler |erreur )?(?:4\d\d|5\d\d)(?: (?:error|not found|forbidden|gone|bad gateway))?",
        r"(?:4\d\d|5\d\d) (?:internal server error|service (?:temporarily )?unavailable|page not found)",
        r"(?:page |file )?not found|page introuvable|página no encontrada|página não encontrada",
        r"seite nicht gefunden|pagina non trovata|страница не найдена|الصفحة غير موجودة|页面未找到",
        r"(?:an )?error(?: has)?(?: occurred)?|(?:internal )?server error|bad gateway|gateway time-?out",
        r"service (?:temporarily )?unavailable|erreur|something went wrong|database error",
        r"error establishing a database connection",
    ),
    "maintenance page": (
        r"(?:site |website |scheduled )?(?:is )?(?:(?:down|closed) for |under )?maintenance(?: mode)?",
        r"(?:site )?en maintenance|(?:sitio )?en mantenimiento|em manutenção|wartungsarbeiten",
        r"in manutenzione|we(?:'|’)ll be (?:right )?back(?: soon)?|we will be back(?: soon)?|coming soon",
    ),
}
_GUARD_WORDS = {kind: re.compile("|".join(words), re.IGNORECASE) for kind, words in _GUARDS.items()}


def page_signs(page: Page) -> PageSignals:
    """Return whether a page is complete, and its guard, if any; both None if it is not HTML. Never raises."""
    encoding = "utf-16" if page.data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8"
    text = page.data.decode(encoding, "replace")
    if not _OPENS.search(text, 0, _HEAD):
        return PageSignals()
    # If another document begins inside this one, this one was cut off.
    is_whole = _CLOSES.search(text) is not None and len(_BEGINS.findall(text)) < 2
    return PageSignals(closed=is_whole, guard=guard_of(text))


def with_article(guard: str) -> str:
    """Return a kind of guard with its indefinite article, such as "an error page"."""
    return f"{'an' if guard[0] in 'aeiou' else 'a'} {guard}"


def guard_of(text: str) -> str | None:
    """Return what kind of guard an HTML document calls itself, such as "cookie wall", or None if none."""
    found = islice(_TITLES.finditer(text), _MAX_TITLES)
    titles = (plain_text(_TAG.sub(" ", match[2])) for match in found)
    for title in titles:
        for part in _PARTS.split(title):
            for kind, words in _GUARD_WORDS.items():
                if words.fullmatch(part.strip(" .!")) or words.fullmatch(part):
                    return kind
    return None

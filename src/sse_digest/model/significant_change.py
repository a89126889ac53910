"""What counts as a change of an item: other words do; whitespace, entities and counters do not."""

import html
import re
import unicodedata
from urllib.parse import urlsplit

from sse_digest.model.items import Item

_CREDIT_YEAR = re.compile(r"(©[^©]{0,120}?)\b(?:19|20)\d\d\b")
# Mark-up inside a line parts no words; whatever else is a tag, a comment too, is between two.
_INLINE = re.compile(
    r"</?(?:a|abbr|b|bdi|bdo|cite|code|data|del|dfn|em|font|i|ins|kbd|mark|q|s|samp|small|span|strong|sub|sup|time|tt"
    r"|u|var|wbr)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_TAG = re.compile(r"<[^<>]*>")
_DOTS = re.compile(r"\s*(?:…|\.{3}|\[…\]|\[\.{3}\])$")
_SIZE = re.compile(r"[-_]\d{2,4}x\d{2,4}(?=\.\w{2,5}$)")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_COUNTED = (
    r"views?|reads?|visits?|comments?|likes?|shares?|downloads?|vues?|lectures?|commentaires?|partages?"
    r"|visitas?|lecturas?|comentarios?|visualizaciones|visualizações|comentários|aufrufe|kommentare?"
    r"|visualizzazioni|commenti|просмотр(?:а|ов)?|комментари(?:й|я|ев)|مشاهدة|مشاهدات|تعليق|تعليقات|次阅读|条评论"
)
# A number of readers or answers stands for itself: at an end of the text, or between bars, dots or brackets.
_COUNTER = re.compile(
    rf"(?:^|[|·•(\[])\s*(?:\d[\d.,'’\u00a0\u202f ]{{0,12}}k?\s?(?:{_COUNTED})"
    rf"|(?:{_COUNTED}):\s?\d[\d.,]{{0,12}})"
    r"\s*(?=$|[|·•)\]])",
    re.IGNORECASE,
)


def same_words(old: str | None, new: str | None) -> bool:
    """Return whether two texts differ only in whitespace, entities, counters or the year of a credit."""
    return old == new or _bare(old) == _bare(new)


def is_cut_off(old: str | None, new: str | None) -> bool:
    """Return whether a text is only the beginning of what it was, with dots in place of the rest."""
    if not old or not new or len(new) >= len(old) or (dots := _DOTS.search(new)) is None:
        return False
    return old.startswith(new[: dots.start()])


def same_picture(old: str | None, new: str | None) -> bool:
    """Return whether two addresses are of one image: its query, scheme and size in the name do not count."""
    return old == new or (old is not None and new is not None and _picture(old) == _picture(new))


def is_significant(old: Item, new: Item) -> bool:
    """Return whether readers should see `new` as updated.

    Its title or summary has other words, or its text or lead image was replaced by another. A text or an
    image where none was known does not count: it may be that only now somebody looked.
    """
    return not (
        same_words(old.title, new.title)
        and same_words(old.summary, new.summary)
        and (old.body is None or same_text(old.body, new.body))
        and (old.image_url is None or same_picture(old.image_url, new.image_url))
    )


def same_text(old: str | None, new: str | None) -> bool:
    """Return whether two texts in HTML have the same words, however they are marked up."""
    return old == new or same_words(_without_tags(old), _without_tags(new))


def _without_tags(text: str | None) -> str:
    return _TAG.sub(" ", _INLINE.sub("", text or ""))


def _bare(text: str | None) -> str:
    # Text that went through several systems may be escaped more than once.
    plain = html.unescape(html.unescape(text or ""))
    plain = " ".join(_INVISIBLE.sub("", unicodedata.normalize("NFC", plain)).split())
    return _COUNTER.sub("", _CREDIT_YEAR.sub(r"\1", plain)).strip(" |·•()[]")


def _picture(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url)
    except ValueError:
        return "", url
    return parts.netloc.lower().removeprefix("www."), _SIZE.sub("", parts.path)

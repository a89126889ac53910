"""What counts as a change of an item: other words do; white space, entities and credit years do not."""

import html
import re
import unicodedata

from sse_digest.model.items import Item

_CREDIT_YEAR = re.compile(r"(©[^©]{0,120}?)\b(?:19|20)\d\d\b")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")


def same_words(old: str | None, new: str | None) -> bool:
    """Tell whether two texts differ in nothing but white space, entities or the year of an image credit."""
    return old == new or _bare(old) == _bare(new)


def is_significant(old: Item, new: Item) -> bool:
    """Tell whether readers should see `new` as updated: its title or summary has other words."""
    return not (same_words(old.title, new.title) and same_words(old.summary, new.summary))


def _bare(text: str | None) -> str:
    # Text that went through several systems may be escaped more than once.
    plain = html.unescape(html.unescape(text or ""))
    plain = " ".join(_INVISIBLE.sub("", unicodedata.normalize("NFC", plain)).split())
    return _CREDIT_YEAR.sub(r"\1", plain)

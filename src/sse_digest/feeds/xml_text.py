"""Make text safe for every feed format.

`clean` turns any string into XML 1.0 text on one line; `unambiguous` prevents readers from mistaking text
for markup; `isolated` keeps text of mixed direction together. None of them changes what a person sees.
"""

import re
import unicodedata

from sse_digest.rendering.translations import direction_of

_WHITE = re.compile("[\t-\r\x1c- \x85\u2028\u2029]+")
_BLANKS = re.compile(" {2,}")
_SURROGATES = re.compile("[\ud800-\udfff]")
# Characters that XML 1.0 forbids or discourages (section 2.2), and the replacement character.
_REFUSED = re.compile(
    "[\x00-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffd"
    + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000))
    # Explicit embeddings, overrides and isolates: unclosed, they would change the text around them.
    + "\u202a-\u202e\u2066-\u2069]"
)
_END_TAG = re.compile(r"<(?=/\w)")
_DOUBLY_ENCODED = re.compile("[\xc2\xc3](?=[\xa0-\xbf])")  # how UTF-8 looks when read as Latin-1
_JOINER = "\u2060"  # word joiner: has no width and allows no line break
_ISOLATES = {"ltr": "\u2066", "rtl": "\u2067", None: "\u2068"}  # LRI, RLI, FSI (UAX 9)
_POP = "\u2069"


def clean(text: str | None) -> str:
    """Return text as XML 1.0 text on one line; empty if nothing in it is visible."""
    if not text:
        return ""
    if _SURROGATES.search(text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    text = _BLANKS.sub(" ", _REFUSED.sub("", _WHITE.sub(" ", text))).strip()
    return text if any(char.isprintable() and not char.isspace() for char in text) else ""


def clean_lines(text: str | None) -> str:
    """Return text as XML 1.0 text, keeping line breaks and spaces, for HTML."""
    if not text:
        return ""
    if _SURROGATES.search(text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return "\n".join(_REFUSED.sub("", line.replace("\t", " ")) for line in text.splitlines())


def unambiguous(text: str) -> str:
    """Mark what readers and validators would mistake for markup or a wrong encoding.

    Insert a word joiner after the `<` of anything like an end tag, and after anything like the first half of
    a doubly encoded letter.
    """
    return not_doubly_encoded(_END_TAG.sub(f"<{_JOINER}", text))


def not_doubly_encoded(text: str) -> str:
    """Mark only what looks doubly encoded; for HTML, whose tags must stay."""
    return _DOUBLY_ENCODED.sub(rf"\g<0>{_JOINER}", text)


def isolated(text: str, language: str | None) -> str:
    """Enclose text of mixed direction in an isolate of its language's direction (UAX 9 section 2.4)."""
    if not _is_mixed(text):
        return text
    return f"{_ISOLATES[direction_of(language)]}{text}{_POP}"


def _is_mixed(text: str) -> bool:
    if text.isascii():
        return False
    strong = {unicodedata.bidirectional(char) for char in text} & {"L", "R", "AL"}
    return "L" in strong and len(strong) > 1

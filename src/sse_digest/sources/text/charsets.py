"""Decode bytes by their byte order mark, by what the server and the document state, and by trying.

The stated character set is often wrong. Bytes that are valid UTF-8 are hardly ever anything else. Bytes that
fit no stated character set are decoded with the one that pages in their language used before UTF-8.
"""

import codecs
import re
from collections.abc import Iterator, Mapping, Sequence

import webencodings

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_SEVERAL_BYTES = re.compile(r"shift_jis\w*|cp932|euc_\w+|cp949|gb\w+|big5\w*")
_OLD: Mapping[str, str] = {  # the character set of a language before UTF-8
    **dict.fromkeys(("ru", "uk", "be", "bg", "mk", "sr"), "cp1251"),
    **dict.fromkeys(("cs", "hr", "hu", "pl", "ro", "sk", "sl"), "cp1250"),
    "ar": "cp1256",
    "el": "cp1253",
    "fa": "cp1256",
    "he": "cp1255",
    "ja": "cp932",
    "ko": "cp949",
    "th": "cp874",
    "tr": "cp1254",
    "zh": "gb18030",
}
_LATIN = "cp1252"
_WIDER = {"gbk": "gb18030"}  # as the WHATWG Encoding standard requires
_ASCII = bytes(range(128))


def known_charset(name: object) -> str | None:
    """Return the Python codec that browsers use for a label (WHATWG Encoding), or None if unknown."""
    found = webencodings.lookup(str(name)) if name else None
    return _WIDER.get(found.codec_info.name, found.codec_info.name) if found else None


def decode(data: bytes, stated: Sequence[object], *, language: str | None = None) -> tuple[str, str | None]:
    """Decode a document.

    Args:
        data: its bytes.
        stated: the character sets that were stated for it, the most trusted first; None entries are ignored.
        language: the primary tag that the document states, or None.

    Returns:
        The text, and a warning if the stated charset is wrong or some bytes could not be decoded; else None.
    """
    for mark, name in _BOMS:
        if data.startswith(mark):
            text = data.removeprefix(mark).decode(name, "replace")
            return text, f"some characters are not valid {name}" if "\ufffd" in text else None
    names = list(dict.fromkeys(filter(None, map(known_charset, stated))))
    for name in _tries(names):
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            continue
        is_stated = name in names or not names or data.isascii()
        return text, None if is_stated else f"the page states the charset {names[0]}, but is in {name}"
    old = next((name for name in names if name != "utf-8"), _OLD.get(language or "", _LATIN))
    if _is_mostly_utf8(data):
        return data.decode(
            "utf-8", _handler(old)
        ), f"some characters are not valid utf-8 and were read as {old}"
    return data.decode(old, "replace"), f"the page is not valid utf-8 and was read as {old}"


def _tries(names: Sequence[str]) -> Iterator[str]:
    """Yield the character sets to try, the likeliest first."""
    yield from names[:1] if names and _SEVERAL_BYTES.fullmatch(names[0]) else ()
    yield "utf-8"  # if the bytes are valid UTF-8 it is right, whatever is stated
    yield from names


def _is_mostly_utf8(data: bytes) -> bool:
    """Return whether at least half of the bytes beyond ASCII are valid UTF-8."""
    beyond = len(data.translate(None, _ASCII))
    wrong = len(data) - len(data.decode("utf-8", "ignore").encode("utf-8"))
    return 2 * wrong <= beyond


def _handler(old: str) -> str:
    """Register an error handler that decodes invalid bytes as `old`, and return its name."""
    name = f"sse-digest-{old}"

    def read(error: UnicodeError) -> tuple[str, int]:
        if not isinstance(error, UnicodeDecodeError):
            raise error
        return error.object[error.start : error.end].decode(old, "replace"), error.end

    codecs.register_error(name, read)
    return name

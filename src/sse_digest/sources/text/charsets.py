"""Bytes to text: by the byte order mark, what the server and the document say, and what the bytes are.

What is stated is often wrong. Text that is UTF-8 throughout is hardly ever anything else, and text that is
not cannot be it; bytes that fit nothing are read as the old character set of the language.
"""

import codecs
import re
from collections.abc import Iterator, Mapping, Sequence

import webencodings

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_SEVERAL_BYTES = re.compile(r"shift_jis\w*|cp932|euc_\w+|cp949|gb\w+|big5\w*")
_OLD: Mapping[str, str] = {  # what pages of a language were written in before UTF-8
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
_WIDER = {"gbk": "gb18030"}  # as the standard decodes it
_ASCII = bytes(range(128))


def known_charset(name: object) -> str | None:
    """Return the Python codec that browsers use for a label (WHATWG Encoding), or None if unknown."""
    found = webencodings.lookup(str(name)) if name else None
    return _WIDER.get(found.codec_info.name, found.codec_info.name) if found else None


def decode(data: bytes, stated: Sequence[object], *, language: str | None = None) -> tuple[str, str | None]:
    """Decode a document.

    Args:
        data: its bytes.
        stated: the names of character sets that were given for it, the most trusted first; None if not given.
        language: as it says itself, a primary tag, or None if it does not.

    Returns:
        The text, and a warning where it had to be repaired; else None.
    """
    for mark, name in _BOMS:
        if data.startswith(mark):
            text = data.removeprefix(mark).decode(name, "replace")
            return text, f"some characters are not in {name}" if "\ufffd" in text else None
    names = list(dict.fromkeys(filter(None, map(known_charset, stated))))
    for name in _tries(names):
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            continue
        is_told = name in names or not names or data.isascii()
        return text, None if is_told else f"the page says {names[0]}, but is written in {name}"
    old = next((name for name in names if name != "utf-8"), _OLD.get(language or "", _LATIN))
    if _is_mostly_utf8(data):
        return data.decode(
            "utf-8", _handler(old)
        ), f"some characters are not in utf-8, and were read as {old}"
    return data.decode(old, "replace"), f"the page is not in utf-8, and was read as {old}"


def _tries(names: Sequence[str]) -> Iterator[str]:
    """Yield character sets in which every byte may have a meaning, the likeliest first."""
    yield from names[:1] if names and _SEVERAL_BYTES.fullmatch(names[0]) else ()
    yield "utf-8"  # where it fits it is right, whatever is stated: other text would not fit
    yield from names


def _is_mostly_utf8(data: bytes) -> bool:
    """Return whether of the bytes beyond ASCII at least half are letters of UTF-8."""
    beyond = len(data.translate(None, _ASCII))
    wrong = len(data) - len(data.decode("utf-8", "ignore").encode("utf-8"))
    return 2 * wrong <= beyond


def _handler(old: str) -> str:
    """Return the name under which a decoder finds how bytes are read that are not UTF-8."""
    name = f"sse-digest-{old}"

    def read(error: UnicodeError) -> tuple[str, int]:
        if not isinstance(error, UnicodeDecodeError):
            raise error
        return error.object[error.start : error.end].decode(old, "replace"), error.end

    codecs.register_error(name, read)
    return name

"""Header lines of a mail, written here and nowhere else (RFC 5322, 2047, 2369).

The standard library's writer turns long unsubscribe addresses into encoded words, which breaks one-click,
and loses blanks in subjects. A control character never reaches a header: it is taken out of words that
people read and refused in what programs read.
"""

import base64
import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from email.header import Header
from email.utils import format_datetime
from functools import lru_cache
from itertools import accumulate
from unicodedata import category

from sse_digest.errors import DigestError
from sse_digest.rendering.sanitize_text import clean

_WIDTH = 76  # columns aimed at, the name included; an encoded word never needs more (RFC 2047 section 2)
_LONGEST_LINE = 998  # RFC 5322 section 2.1.1
_LONGEST_LOCAL = 64  # bytes before the @ of an address (RFC 5321 section 4.5.3.1.1)
_LONGEST_WORD = 60  # characters that surely fit next to a header's name
_FOLD = "\r\n "
_VISIBLE = re.compile(r"[ -~]*[!-~][ -~]*|")
_ATEXT = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]"
_PHRASE = re.compile(rf"{_ATEXT}+( {_ATEXT}+)*")
_DOMAIN = r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*"
_ADDRESS = re.compile(rf"{_ATEXT}+(?:\.{_ATEXT}+)*@{_DOMAIN}")
_IDENTIFIER = re.compile(rf"<?({_ATEXT}+(?:\.{_ATEXT}+)*@{_DOMAIN})>?")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!-;=?-~]+")  # visible ASCII but < and >


def words(name: str, text: str) -> bytes:
    """Write a header of words for people (Subject): one run of encoded words where ASCII is not enough."""
    return _line(name, _written(name, clean(text)))


def token(name: str, value: str) -> bytes:
    """Write a header that programs read (Precedence, MIME-Version), as it is.

    Raises:
        DigestError: it holds anything but visible ASCII and blanks, or does not fit into one line.
    """
    return _line(name, [value])


def mailbox(name: str, display_name: str | None, address: str) -> bytes:
    """Write an address with the name people call it by; None or empty: the address alone.

    Raises:
        DigestError: the address cannot be written in a header.
    """
    address = checked_address(address)
    return _line(name, _named(name, display_name, address)) if display_name else _written_line(name, address)


def recipient(display_name: str | None, address: str) -> bytes:
    """Write To: as `mailbox`, but letters beyond ASCII may be before the @, in UTF-8 (RFC 6532).

    Such a mail can only be given to a relay that offers SMTPUTF8 (RFC 6531).

    Raises:
        DigestError: the address cannot be written in a header.
    """
    if address.rpartition("@")[0].isascii():
        return mailbox("To", display_name, address)
    # Everything is checked and folded with an address of the same length in its place.
    stand_in = "".join(
        sign if sign.isascii() else "x" * len(sign.encode(errors="replace")) for sign in address
    )
    local, _, domain = stand_in.rpartition("@")
    visible = all(category(sign)[0] in "LMNS" for sign in address if not sign.isascii())
    if (
        not visible
        or not address.endswith(f"@{domain}")
        or len(local) > _LONGEST_LOCAL
        or not _ADDRESS.fullmatch(stand_in)
    ):
        raise DigestError(f"{address!r} is not an e-mail address.")
    before, _, behind = mailbox("To", display_name, stand_in).rpartition(stand_in.encode("ascii"))
    return b"".join((before, address.encode(), behind))


def list_identifier(title: str, list_id: str) -> bytes:
    """Write List-Id (RFC 2919): a title for people, an identifier that stays for ever.

    Raises:
        DigestError: the identifier is not a domain-like name.
    """
    if not re.fullmatch(_DOMAIN, list_id):
        raise DigestError(f"The list_id {list_id!r} is not like a domain name. Write it as news.example.org.")
    return _line("List-Id", _named("List-Id", title, list_id))


def uri(name: str, address: str) -> bytes:
    """Write one address of a List-* header (RFC 2369): never encoded, never cut, however long.

    Raises:
        DigestError: it is not an address in ASCII, or longer than a line may be.
    """
    if not _URI.fullmatch(address):
        raise DigestError(f"{name} cannot hold {address!r}: it is not an address in ASCII.")
    return _line(name, [f"<{address}>"])


def message_identifier(identifier: str) -> bytes:
    """Write Message-ID; the angle brackets may be given or not.

    Raises:
        DigestError: it is not of the form left@right.
    """
    match = _IDENTIFIER.fullmatch(identifier)
    if match is None:
        raise DigestError(f"{identifier!r} is not a Message-ID. Write it as left@right.example.")
    return _written_line("Message-ID", f"<{match[1]}>")


def instant(moment: datetime) -> bytes:
    """Write Date.

    Raises:
        DigestError: the moment has no time zone.
    """
    if moment.tzinfo is None:
        raise DigestError(f"{moment} has no time zone; a mail's date needs one.")
    return _date_line(moment.replace(microsecond=0), moment.utcoffset())


@lru_cache(maxsize=16)  # many recipients have the same second
def _date_line(moment: datetime, offset: timedelta | None) -> bytes:
    del offset  # one instant in two zones is equal and written differently
    return _line("Date", [format_datetime(moment)])


def checked_address(address: str) -> str:
    """Return the address back if it can be written in a header and sent without SMTPUTF8; see `recipient`.

    Raises:
        DigestError: it cannot; the message names the reason.
    """
    if not address.isascii():
        raise DigestError(f"The address {address!r} cannot be written in SMTP: it is not all ASCII.")
    if not _ADDRESS.fullmatch(address) or len(address) > 254:  # RFC 5321 section 4.5.3.1.3
        raise DigestError(f"{address!r} is not an e-mail address.")
    return address


def _named(name: str, display_name: str | None, address: str) -> list[str]:
    phrase = clean(display_name)
    if not phrase:
        return [f"<{address}>" if name == "List-Id" else address]
    if _is_plain(phrase) and not _PHRASE.fullmatch(phrase):
        lines = _folded(name, '"' + re.sub(r'(["\\])', r"\\\1", phrase) + '"')
    else:
        lines = _written(name, phrase)
    column = len(lines[-1]) + (len(name) + 2 if len(lines) == 1 else 1)
    if column + len(address) + len(" <>") > _WIDTH:
        return [*lines, f"<{address}>"]
    return [*lines[:-1], f"{lines[-1]} <{address}>"]


def _written(name: str, text: str) -> list[str]:
    if _is_plain(text):
        return _folded(name, text)
    written = Header(text, "utf-8", maxlinelen=_WIDTH, header_name=name).encode(linesep="\r\n").split(_FOLD)
    # Readers that use GMime 3.2 end a text at the first padded word.
    return list(_unpadded(name, text)) if any(line.endswith("=?=") for line in written[:-1]) else written


def _unpadded(name: str, text: str) -> Iterator[str]:
    """Yield encoded words in base64 of whole triples of bytes, so that only the last one is padded."""
    signs, column = [sign.encode() for sign in text], len(name) + len(": ")
    while signs:
        room, fits = (_WIDTH - column - len("=?utf-8?b??=")) // 4 * 3, list[int]()
        lengths = list(accumulate(map(len, signs)))
        if lengths[-1] <= room:
            fits = [len(signs)]
        else:
            fits = [n for n, length in enumerate(lengths, 1) if length <= room and length % 3 == 0]
        if fits:
            yield f"=?utf-8?b?{base64.b64encode(b''.join(signs[: fits[-1]])).decode()}?="
        else:  # a letter first, then only signs of three bytes: the letter gets a word of its own
            yield f"=?utf-8?q?{''.join(f'={byte:02X}' for byte in signs[0])}?="
        signs, column = signs[fits[-1] if fits else 1 :], len(" ")


def _is_plain(text: str) -> bool:
    """Return whether words may stand as they are: they fit, and none looks like an encoded word."""
    return text.isascii() and "=?" not in text and max(map(len, text.split(" "))) <= _LONGEST_WORD


def _folded(name: str, text: str) -> list[str]:
    """Break between words where a line would grow too long."""
    lines, column = [""], len(name) + 2
    for word in text.split(" "):
        if lines[-1] and column + 1 + len(word) > _WIDTH:
            lines.append(word)
            column = 1 + len(word)
        else:
            lines[-1] += f" {word}" if lines[-1] else word
            column += len(word) + 1
    return lines


def _written_line(name: str, value: str) -> bytes:
    """Write one line of ASCII that was checked to hold nothing but visible signs.

    Raises:
        DigestError: it is too long.
    """
    if len(value) + len(name) + 2 > _LONGEST_LINE:
        raise DigestError(f"{name} is longer than a line of mail may be ({_LONGEST_LINE} characters).")
    return f"{name}: {value}\r\n".encode("ascii")


def _line(name: str, lines: Sequence[str]) -> bytes:
    """Join the lines of one header; only the places between them are folded.

    Raises:
        DigestError: a line holds anything but visible ASCII and blanks, or is too long.
    """
    if not all(_VISIBLE.fullmatch(line) for line in lines):
        raise DigestError(f"{name} cannot hold {' '.join(lines)!r}: it is not all visible ASCII.")
    if max(map(len, lines)) + len(name) + 2 > _LONGEST_LINE:
        raise DigestError(f"{name} is longer than a line of mail may be ({_LONGEST_LINE} characters).")
    return f"{name}: {_FOLD.join(lines)}\r\n".encode("ascii")

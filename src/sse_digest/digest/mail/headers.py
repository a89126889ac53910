"""Write all header lines of a mail (RFC 5322, 2047, 2369).

The standard library writes long unsubscribe addresses as encoded words, which breaks one-click, and loses
blanks in subjects. Control characters never reach a header: they are removed from words for people and
refused in values for programs.
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

_WIDTH = 76  # preferred columns, name included; always enough for an encoded word (RFC 2047 section 2)
_LONGEST_LINE = 998  # RFC 5322 section 2.1.1
_LONGEST_LOCAL = 64  # bytes before the @ of an address (RFC 5321 section 4.5.3.1.1)
_LONGEST_WORD = 60  # characters that always fit next to a header's name
_FOLD = "\r\n "
_VISIBLE = re.compile(r"[ -~]*[!-~][ -~]*|")
_ATEXT = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]"
_PHRASE = re.compile(rf"{_ATEXT}+( {_ATEXT}+)*")
_DOMAIN = r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*"
_ADDRESS = re.compile(rf"{_ATEXT}+(?:\.{_ATEXT}+)*@{_DOMAIN}")
_IDENTIFIER = re.compile(rf"<?({_ATEXT}+(?:\.{_ATEXT}+)*@{_DOMAIN})>?")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!-;=?-~]+")  # visible ASCII except < and >


def words(name: str, text: str) -> bytes:
    """Return a header with words for people (Subject), as encoded words if they are not ASCII."""
    return _line(name, _written(name, clean(text)))


def token(name: str, value: str) -> bytes:
    """Return a header for programs (Precedence, MIME-Version), neither encoded nor folded.

    Raises:
        DigestError: the value has other characters than visible ASCII and blanks, or is too long.
    """
    return _line(name, [value])


def mailbox(name: str, display_name: str | None, address: str) -> bytes:
    """Return a header with an address and its display name; without a name the address alone.

    Raises:
        DigestError: the address cannot be written in a header.
    """
    address = checked_address(address)
    return _line(name, _named(name, display_name, address)) if display_name else _written_line(name, address)


def recipient(display_name: str | None, address: str) -> bytes:
    """Return the To header, like `mailbox`, but allow non-ASCII letters before the @, in UTF-8 (RFC 6532).

    Only a relay that offers SMTPUTF8 accepts such a mail (RFC 6531).

    Raises:
        DigestError: the address cannot be written in a header.
    """
    if address.rpartition("@")[0].isascii():
        return mailbox("To", display_name, address)
    # The header is checked and folded with an ASCII address of the same length.
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
    """Return the List-Id header (RFC 2919): a title for people and the permanent identifier.

    Raises:
        DigestError: the identifier is not a domain-like name.
    """
    if not re.fullmatch(_DOMAIN, list_id):
        raise DigestError(
            f"The list_id {list_id!r} does not look like a domain name. Use a form like news.example.org."
        )
    return _line("List-Id", _named("List-Id", title, list_id))


def uri(name: str, address: str) -> bytes:
    """Return a List-* header with one address (RFC 2369), neither encoded nor folded.

    Raises:
        DigestError: it is not an ASCII address, or longer than a line may be.
    """
    if not _URI.fullmatch(address):
        raise DigestError(f"{name} cannot contain {address!r}: it is not an ASCII address.")
    return _line(name, [f"<{address}>"])


def message_identifier(identifier: str) -> bytes:
    """Return the Message-ID header; `identifier` may have angle brackets.

    Raises:
        DigestError: it does not have the form left@right.
    """
    match = _IDENTIFIER.fullmatch(identifier)
    if match is None:
        raise DigestError(f"{identifier!r} is not a Message-ID. Use the form left@right.example.")
    return _written_line("Message-ID", f"<{match[1]}>")


def instant(moment: datetime) -> bytes:
    """Return the Date header.

    Raises:
        DigestError: the moment has no time zone.
    """
    if moment.tzinfo is None:
        raise DigestError(f"{moment} has no time zone; a mail's date needs one.")
    return _date_line(moment.replace(microsecond=0), moment.utcoffset())


@lru_cache(maxsize=16)  # many mails have the same date
def _date_line(moment: datetime, offset: timedelta | None) -> bytes:
    del offset  # key of the cache: equal instants in two zones are written differently
    return _line("Date", [format_datetime(moment)])


def checked_address(address: str) -> str:
    """Return an address that can be written in a header and sent without SMTPUTF8; see `recipient`.

    Raises:
        DigestError: the address is not ASCII or not valid.
    """
    if not address.isascii():
        raise DigestError(f"The address {address!r} cannot be written in SMTP: it is not ASCII.")
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
    # Mail programs with GMime 3.2 end a text after the first padded word.
    return list(_unpadded(name, text)) if any(line.endswith("=?=") for line in written[:-1]) else written


def _unpadded(name: str, text: str) -> Iterator[str]:
    """Yield encoded words in base64, of a multiple of three bytes each, so that only the last is padded."""
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
        else:  # no prefix has such a length: the first character becomes a word of its own
            yield f"=?utf-8?q?{''.join(f'={byte:02X}' for byte in signs[0])}?="
        signs, column = signs[fits[-1] if fits else 1 :], len(" ")


def _is_plain(text: str) -> bool:
    """Return whether words need no encoding: all are ASCII and short, and none looks like an encoded word."""
    return text.isascii() and "=?" not in text and max(map(len, text.split(" "))) <= _LONGEST_WORD


def _folded(name: str, text: str) -> list[str]:
    """Return text as lines, broken between words if a line would be too long."""
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
    """Return one header line from a value that is known to be visible ASCII.

    Raises:
        DigestError: the line is too long.
    """
    if len(value) + len(name) + 2 > _LONGEST_LINE:
        raise DigestError(f"{name} is longer than a line of mail may be ({_LONGEST_LINE} characters).")
    return f"{name}: {value}\r\n".encode("ascii")


def _line(name: str, lines: Sequence[str]) -> bytes:
    """Return a header from its lines, which are joined by folding.

    Raises:
        DigestError: a line has other characters than visible ASCII and blanks, or is too long.
    """
    if not all(_VISIBLE.fullmatch(line) for line in lines):
        raise DigestError(f"{name} cannot contain {' '.join(lines)!r}: it is not all visible ASCII.")
    if max(map(len, lines)) + len(name) + 2 > _LONGEST_LINE:
        raise DigestError(f"{name} is longer than a line of mail may be ({_LONGEST_LINE} characters).")
    return f"{name}: {_FOLD.join(lines)}\r\n".encode("ascii")

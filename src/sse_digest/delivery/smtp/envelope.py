"""An envelope and content, and their MAIL and RCPT commands. Pure; knows no connection.

Nothing that could end a command early, or begin another one, is ever written (SMTP command injection).
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from sse_digest.delivery.smtp.replies import unmailable
from sse_digest.digest.mail import headers
from sse_digest.errors import DeliveryError, DigestError
from sse_digest.model.deliveries import Outcome

# An address without spaces, controls or angle brackets.
_ADDRESS = re.compile(r"[!-;=?-~]+@[!-;=?-~]+")
_ADDRESS_BEYOND_ASCII = re.compile(r"[^\x00- <>\x7f-\xa0\u2028\u2029\ud800-\udfff]+")
_NOT_XCHAR = re.compile(r"[^!-*,-<>-~]")  # RFC 3461 section 4: what xtext writes as +HH
_ENVID_LIMIT = 100  # characters before they are written as xtext
_LONG_PIECE = 1024  # bytes; longer pieces after the header belong to the edition and are repeated


@dataclass(frozen=True, slots=True)
class Envelope:
    """MAIL FROM and RCPT TO of one message (RFC 5321 section 2.3.1)."""

    sender: str
    recipient: str
    id: str | None = None  # ENVID: what a delivery report names the message by (RFC 3461); None: nothing


@dataclass(frozen=True, slots=True)
class MessageContent:
    """A message in pieces; made by `content_of`, once for all attempts."""

    pieces: tuple[bytes, ...]
    size_bytes: int  # of the pieces (RFC 1870)
    is_ascii: bool  # whether it can be written without 8BITMIME (RFC 6152)
    has_dots: bool  # whether a line begins with one within the header or a short piece

    def doubled(self) -> list[bytes]:
        """Return it as it is written after DATA: dots doubled that begin a line, the final dot behind it."""
        doubled: list[bytes] = []
        starts_line = True
        for at, piece in enumerate(self.pieces):
            if starts_line and piece[:1] == b".":
                doubled.append(b".")
            if at and len(piece) >= _LONG_PIECE:
                doubled.append(_double_once(piece))
            else:
                doubled.append(_double(piece) if self.has_dots else piece)
            starts_line = piece[-1:] == b"\n" if piece else starts_line
        doubled.append(b".\r\n" if starts_line else b"\r\n.\r\n")
        return doubled


def content_of(*pieces: bytes) -> MessageContent:
    """Make a content of its pieces, of which the first begins with the header.

    Long ones behind it that come again with every message are looked at once.

    Raises:
        DeliveryError: it contains a lone CR or LF, which relays treat differently.
    """
    try:
        return _content(pieces)
    except DeliveryError:  # a line end may be split between two pieces
        return _content((b"".join(pieces),))


def _content(pieces: tuple[bytes, ...]) -> MessageContent:
    # What is the recipient's own (the header, and what is short) is looked at together; a blank between
    # the pieces keeps a line end's halves apart.
    own = [pieces[0]]
    is_ascii, size = True, len(pieces[0])
    for piece in pieces[1:]:
        size += len(piece)
        if len(piece) < _LONG_PIECE:
            own.append(piece)
        else:
            is_ascii = _check_once(piece) and is_ascii
    short = b" ".join(own)
    return MessageContent(pieces, size, _check(short) and is_ascii, b"\r\n." in short)


def _check(piece: bytes) -> bool:
    """See that every line ends with CRLF; says whether all is ASCII."""
    lines = piece.count(b"\r\n")
    if piece.count(b"\n") != lines or piece.count(b"\r") != lines:
        raise DeliveryError("A message contains a line end that is not CRLF.")
    return piece.isascii()


def _double(piece: bytes) -> bytes:
    """Double the dots that begin a line within (RFC 5321 section 4.5.2)."""
    return piece.replace(b"\r\n.", b"\r\n..")


# The same object costs no comparing.
_check_once = lru_cache(maxsize=256)(_check)
_double_once = lru_cache(maxsize=256)(_double)


@dataclass(frozen=True, slots=True, kw_only=True)
class Extensions:
    """The extensions a relay offers, of those that we use."""

    size: bool = False  # RFC 1870
    pipelining: bool = False  # RFC 2920
    chunking: bool = False  # RFC 3030
    eight_bit: bool = False  # 8BITMIME, RFC 6152
    utf8: bool = False  # SMTPUTF8, RFC 6531
    dsn: bool = False  # RFC 3461

    def mail(self, envelope: Envelope, content: MessageContent) -> bytes:
        """Write MAIL, without its line end.

        Raises:
            DeliveryError: the envelope cannot be written in SMTP, or not for this relay.
        """
        check_writable(envelope)
        if self.refusal(envelope) is not None:
            raise DeliveryError("An address beyond ASCII cannot be written to a relay without SMTPUTF8.")
        more = f" SIZE={content.size_bytes}" if self.size else ""
        if needs_utf8(envelope):
            more += " BODY=8BITMIME SMTPUTF8"  # RFC 6531 section 3.4: a server that offers it accepts 8 bits
        elif self.eight_bit and not content.is_ascii:
            more += " BODY=8BITMIME"
        if self.dsn:
            more += " RET=HDRS"
            if envelope.id is not None:
                more += f" ENVID={xtext(envelope.id[:_ENVID_LIMIT])}"
        return f"MAIL FROM:<{envelope.sender}>{more}".encode()

    def rcpt(self, envelope: Envelope) -> bytes:
        """Write RCPT, without its line end. We ask for reports of failure only."""
        more = ""
        if self.dsn:
            more = " NOTIFY=FAILURE"
            if envelope.recipient.isascii():
                more += f" ORCPT=rfc822;{xtext(envelope.recipient)}"
        return f"RCPT TO:<{envelope.recipient}>{more}".encode()

    def refusal(self, envelope: Envelope) -> Outcome | None:
        """Return why a message must not even be begun with this relay, or None if it may."""
        if needs_utf8(envelope) and not self.utf8:
            return unmailable(
                "The address has non-ASCII letters and the relay does not offer SMTPUTF8."
                " Ask for another address, or use a relay that does."
            )
        return None


def xtext(text: str) -> str:
    """Write ASCII text as xtext (RFC 3461 section 4)."""
    return _NOT_XCHAR.sub(lambda found: f"+{ord(found[0]):02X}", text)


def needs_utf8(envelope: Envelope) -> bool:
    """Return whether an address has non-ASCII characters."""
    return not (envelope.sender.isascii() and envelope.recipient.isascii())


@lru_cache(maxsize=1024)  # asked when a message is prepared and again before it is written
def is_safe_address(address: str) -> bool:
    """Return whether an address can be written in MAIL and RCPT without SMTPUTF8."""
    return _ADDRESS.fullmatch(address) is not None


def is_writable_address(address: str) -> bool:
    """Return whether an address can be written in MAIL and RCPT, with SMTPUTF8 if need be."""
    return is_safe_address(address) or _is_safe_beyond_ascii(address)


def is_sendable(address: str) -> bool:
    """Return whether an address can be used in RCPT and To. If not, no later attempt will succeed."""
    try:
        headers.recipient(None, address)
    except DigestError:
        return False
    return is_writable_address(address)


def check_writable(envelope: Envelope) -> None:
    """See that an envelope can be written in SMTP.

    Raises:
        DeliveryError: an address could end its command early.
    """
    for address in (envelope.sender, envelope.recipient):
        if not is_writable_address(address):
            raise DeliveryError("An address of the envelope cannot be written in an SMTP command.")
    if envelope.id is not None and not envelope.id.isascii():
        raise DeliveryError("The id of an envelope is not ASCII.")


def _is_safe_beyond_ascii(address: str) -> bool:
    local, at, domain = address.rpartition("@")
    parts = _ADDRESS_BEYOND_ASCII.fullmatch(local), _ADDRESS_BEYOND_ASCII.fullmatch(domain)
    return bool(at) and not address.isascii() and all(parts)

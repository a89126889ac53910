"""Write MAIL and RCPT for an envelope, and prepare a content for the relay. Pure; uses no connection.

Nothing that could end a command early or begin another one is ever written (SMTP command injection).
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
_NOT_XCHAR = re.compile(r"[^!-*,-<>-~]")  # characters that xtext writes as +HH (RFC 3461 section 4)
_ENVID_LIMIT = 100  # characters, before encoding as xtext
_LONG_PIECE = 1024  # bytes; pieces this long after the header belong to the edition and come again


@dataclass(frozen=True, slots=True)
class Envelope:
    """MAIL FROM and RCPT TO of one message (RFC 5321 section 2.3.1)."""

    sender: str
    recipient: str
    id: str | None = None  # ENVID: names the message in a delivery report (RFC 3461); None: no name


@dataclass(frozen=True, slots=True)
class MessageContent:
    """A message in pieces. Make it with `content_of`."""

    pieces: tuple[bytes, ...]
    size_bytes: int  # of the pieces (RFC 1870)
    is_ascii: bool  # whether it can be written without 8BITMIME (RFC 6152)
    has_dots: bool  # whether a line within the header or a short piece begins with a dot

    def doubled(self) -> list[bytes]:
        """Return the bytes to write after DATA: with dots that begin a line doubled, and the final dot."""
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
    """Make a content from its pieces. The first piece begins with the header.

    Long pieces after the first usually come again in every message, so each is checked only once.

    Raises:
        DeliveryError: it contains a lone CR or LF, which relays treat differently.
    """
    try:
        return _content(pieces)
    except DeliveryError:  # perhaps a CRLF is split between two pieces
        return _content((b"".join(pieces),))


def _content(pieces: tuple[bytes, ...]) -> MessageContent:
    # The parts that differ for each recipient (the header and short pieces) are joined and checked at once.
    # A space between them prevents a CR and an LF of two pieces from forming a line end.
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
    """Check that every line ends with CRLF, and return whether all bytes are ASCII."""
    lines = piece.count(b"\r\n")
    if piece.count(b"\n") != lines or piece.count(b"\r") != lines:
        raise DeliveryError("A message contains a line end that is not CRLF.")
    return piece.isascii()


def _double(piece: bytes) -> bytes:
    """Double each dot that begins a line, except at the start of the piece (RFC 5321 section 4.5.2)."""
    return piece.replace(b"\r\n.", b"\r\n..")


# A long piece is the same object each time: its hash is stored, and it is compared by identity.
_check_once = lru_cache(maxsize=256)(_check)
_double_once = lru_cache(maxsize=256)(_double)


@dataclass(frozen=True, slots=True, kw_only=True)
class Extensions:
    """Which of the extensions that we use a relay offers."""

    size: bool = False  # RFC 1870
    pipelining: bool = False  # RFC 2920
    chunking: bool = False  # RFC 3030
    eight_bit: bool = False  # 8BITMIME, RFC 6152
    utf8: bool = False  # SMTPUTF8, RFC 6531
    dsn: bool = False  # RFC 3461

    def mail(self, envelope: Envelope, content: MessageContent) -> bytes:
        """Return the MAIL command without CRLF.

        Raises:
            DeliveryError: the envelope cannot be written in SMTP, or not for this relay.
        """
        check_writable(envelope)
        if self.refusal(envelope) is not None:
            raise DeliveryError("An address that is not ASCII cannot be sent to a relay without SMTPUTF8.")
        more = f" SIZE={content.size_bytes}" if self.size else ""
        if needs_utf8(envelope):
            more += " BODY=8BITMIME SMTPUTF8"  # a relay that offers SMTPUTF8 accepts 8 bits (RFC 6531 s. 3.4)
        elif self.eight_bit and not content.is_ascii:
            more += " BODY=8BITMIME"
        if self.dsn:
            more += " RET=HDRS"
            if envelope.id is not None:
                more += f" ENVID={xtext(envelope.id[:_ENVID_LIMIT])}"
        return f"MAIL FROM:<{envelope.sender}>{more}".encode()

    def rcpt(self, envelope: Envelope) -> bytes:
        """Return the RCPT command without CRLF. It asks for reports of failure only."""
        more = ""
        if self.dsn:
            more = " NOTIFY=FAILURE"
            if envelope.recipient.isascii():
                more += f" ORCPT=rfc822;{xtext(envelope.recipient)}"
        return f"RCPT TO:<{envelope.recipient}>{more}".encode()

    def refusal(self, envelope: Envelope) -> Outcome | None:
        """Return the outcome of a message that must not be offered to this relay, or None if it may be."""
        if needs_utf8(envelope) and not self.utf8:
            return unmailable(
                "The address contains non-ASCII characters and the relay does not offer SMTPUTF8."
                " Ask the person for another address, or use a relay that offers it."
            )
        return None


def xtext(text: str) -> str:
    """Return ASCII text encoded as xtext (RFC 3461 section 4)."""
    return _NOT_XCHAR.sub(lambda found: f"+{ord(found[0]):02X}", text)


def needs_utf8(envelope: Envelope) -> bool:
    """Return whether an address of the envelope contains non-ASCII characters."""
    return not (envelope.sender.isascii() and envelope.recipient.isascii())


@lru_cache(maxsize=1024)  # called when a message is prepared and again before it is written
def is_safe_address(address: str) -> bool:
    """Return whether an address can be written in MAIL and RCPT without SMTPUTF8."""
    return _ADDRESS.fullmatch(address) is not None


def is_writable_address(address: str) -> bool:
    """Return whether an address can be written in MAIL and RCPT, if necessary with SMTPUTF8."""
    return is_safe_address(address) or _is_safe_beyond_ascii(address)


def is_sendable(address: str) -> bool:
    """Return whether an address can be used in RCPT and To. If not, no attempt will ever succeed."""
    try:
        headers.recipient(None, address)
    except DigestError:
        return False
    return is_writable_address(address)


def check_writable(envelope: Envelope) -> None:
    """Check that an envelope can be written in SMTP.

    Raises:
        DeliveryError: an address could end its command early, or the id is not ASCII.
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

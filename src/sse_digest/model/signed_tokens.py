"""Signed tokens: what a mail carries so that a link, a return path or a Message-ID can be trusted.

Every token is 39 characters in base32 (RFC 4648), written in lower case and read in any, because mail
servers fold the case of addresses: 12 bytes of payload and a 12 byte HMAC-SHA-256 under a key that is
derived for one purpose, so that a token of one purpose is worthless for another. The payload names a
random number, never a row's id: a restored database would give that id to a stranger. Keys are passed in;
old ones verify for ever (docs/promises.md, Subscribers).
"""

import base64
import hashlib
import hmac
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from sse_digest.errors import TokenError

TOKEN_LENGTH = 39
_PAYLOAD = struct.Struct(">QI")
_MAC_BYTES = 12


class TokenPurpose(StrEnum):
    """What a token may be used for."""

    UNSUBSCRIBE = "unsubscribe"  # end one subscription (RFC 8058)
    RETURN_PATH = "return-path"  # name a delivery in the envelope sender (VERP)
    MESSAGE_ID = "message-id"  # name a delivery in its Message-ID


@dataclass(frozen=True, slots=True)
class TokenTarget:
    """What a token names: `number` is a person's random number, `scope` the check value of a name with it."""

    number: int
    scope: int


@lru_cache(maxsize=256)  # the same few names for every token of an issue
def scope_of(name: str) -> int:
    """A 32 bit check value of a list's or issue's name; tells names apart, keeps no secret."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4])


def mint(secret_keys: Sequence[bytes], purpose: TokenPurpose, *, number: int, name: str) -> str:
    """Make the token for a person's number and a list or issue, signed with the newest key."""
    payload = _PAYLOAD.pack(number, scope_of(name))
    return _written(payload + _mac(secret_keys[0], purpose, payload))


def read(secret_keys: Sequence[bytes], purpose: TokenPurpose, token: str) -> TokenTarget:
    """Return what a token names.

    Raises:
        LinkError: it is not a token, or no key of ours signed it for this purpose.
    """
    try:
        raw = base64.b32decode(token.encode("ascii") + b"=", casefold=True)
    except ValueError as error:
        raise TokenError("This link is not complete. Copy the whole address from the mail.") from error
    payload, given = raw[: _PAYLOAD.size], raw[_PAYLOAD.size :]
    signed = [hmac.compare_digest(_mac(key, purpose, payload), given) for key in secret_keys]
    if _written(raw) != token.lower() or not any(signed):  # the last letter has bits to spare
        raise TokenError("This link was not made by this installation, or was damaged.")
    number, scope = _PAYLOAD.unpack(payload)
    return TokenTarget(number, scope)


def _written(raw: bytes) -> str:
    return base64.b32encode(raw).rstrip(b"=").decode().lower()


def _mac(secret: bytes, purpose: TokenPurpose, payload: bytes) -> bytes:
    mac = _keyed(secret, purpose).copy()
    mac.update(payload)
    return mac.digest()[:_MAC_BYTES]


@lru_cache(maxsize=64)
def _keyed(secret: bytes, purpose: TokenPurpose) -> hmac.HMAC:
    """Return a MAC that has seen nothing but its key; to be copied."""
    key = hmac.digest(secret, b"token " + purpose.encode(), "sha256")
    return hmac.new(key, digestmod="sha256")

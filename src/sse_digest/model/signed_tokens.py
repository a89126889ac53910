"""Signed tokens: what a mail carries so that a link, a return path or a Message-ID can be trusted.

Every token is 43 url-safe characters: 16 bytes of payload and a 16 byte HMAC-SHA-256 under a key that
is derived for one purpose, so that a token of one purpose is worthless for another. Keys are passed
in; old ones verify for ever (docs/promises.md, Subscribers).
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

TOKEN_LENGTH = 43
_PAYLOAD = struct.Struct(">QQ")
_MAC_BYTES = 16


class TokenPurpose(StrEnum):
    """What a token may be used for."""

    UNSUBSCRIBE = "unsubscribe"  # end one subscription (RFC 8058)
    RETURN_PATH = "return-path"  # name a delivery in the envelope sender (VERP)
    MESSAGE_ID = "message-id"  # name a delivery in its Message-ID


@dataclass(frozen=True, slots=True)
class TokenTarget:
    """What a token names: `number` is a row's id, `scope` the check value of a name next to it."""

    number: int
    scope: int


@lru_cache(maxsize=256)  # the same few names for every token of an issue
def scope_of(name: str) -> int:
    """A 64 bit check value of a list's or issue's name; tells names apart, keeps no secret."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8])


def mint(secret_keys: Sequence[bytes], purpose: TokenPurpose, *, number: int, name: str) -> str:
    """Make the token for a row and the list or issue it belongs to, signed with the newest key."""
    payload = _PAYLOAD.pack(number, scope_of(name))
    return base64.urlsafe_b64encode(payload + _mac(secret_keys[0], purpose, payload)).rstrip(b"=").decode()


def read(secret_keys: Sequence[bytes], purpose: TokenPurpose, token: str) -> TokenTarget:
    """Return what a token names.

    Raises:
        LinkError: it is not a token, or no key of ours signed it for this purpose.
    """
    try:
        raw = base64.b64decode(token.encode("ascii") + b"=", altchars=b"-_", validate=True)
    except ValueError as error:
        raise TokenError("This link is not complete. Copy the whole address from the mail.") from error
    payload, given = raw[: _PAYLOAD.size], raw[_PAYLOAD.size :]
    signed = [hmac.compare_digest(_mac(key, purpose, payload), given) for key in secret_keys]
    if len(token) != TOKEN_LENGTH or not any(signed):
        raise TokenError("This link was not made by this installation, or was damaged.")
    number, scope = _PAYLOAD.unpack(payload)
    return TokenTarget(number, scope)


def _mac(secret: bytes, purpose: TokenPurpose, payload: bytes) -> bytes:
    mac = _keyed(secret, purpose).copy()
    mac.update(payload)
    return mac.digest()[:_MAC_BYTES]


@lru_cache(maxsize=64)
def _keyed(secret: bytes, purpose: TokenPurpose) -> hmac.HMAC:
    """Return a MAC that has seen nothing but its key; to be copied."""
    key = hmac.digest(secret, b"token " + purpose.encode(), "sha256")
    return hmac.new(key, digestmod="sha256")

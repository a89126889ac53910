"""Sign mails (DKIM, RFC 6376) with rsa-sha256 and relaxed/relaxed.

Headers that an attacker could add to a copy are signed as absent. Everything that is equal for all recipients
is canonicalised once; for each recipient only their headers are canonicalised and the body is hashed. Keys
are generated and parsed here; callers handle files.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from sse_digest.errors import DigestError

KEY_BITS = 2048  # RFC 8301 section 3.2
_SIGNED = (
    *("From", "Reply-To", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type"),
    *("List-Id", "List-Unsubscribe", "List-Unsubscribe-Post", "List-Archive", "List-Help", "List-Owner"),
    *("List-Post", "Feedback-ID", "Auto-Submitted", "Precedence"),
)
_SIGNED_KEYS = tuple(name.lower() for name in _SIGNED)
_OVERSIGNED = ("From", "Reply-To", "Subject", "List-Unsubscribe", "List-Unsubscribe-Post")
_PADDING, _HASH = padding.PKCS1v15(), hashes.SHA256()


@dataclass(frozen=True, slots=True)
class DkimSigner:
    """A private key, whose public key is in the DNS at SELECTOR._domainkey.DOMAIN."""

    domain: str
    selector: str
    key: rsa.RSAPrivateKey

    def sign(self, fields: Mapping[str, bytes], body: Iterable[bytes], date: datetime) -> bytes:
        """Return the DKIM-Signature line of a mail.

        Args:
            fields: of the whole header, from `canonical_fields`.
            body: canonical pieces, in order.
            date: of the mail, with a time zone; also used in the signature, so that it is equal in every
                attempt.
        """
        content = hashlib.sha256()
        for piece in body:
            content.update(piece)
        body_hash = binascii.b2a_base64(content.digest(), newline=False).decode("ascii")
        head = self._head(_listed(tuple(fields)), body_hash, date).encode("ascii")
        data = [fields[name] for name in _SIGNED_KEYS if name in fields]
        # The same as `canonical_fields` of the line, which contains no other blanks.
        data.append(b"dkim-signature:" + head.replace(b"\r\n ", b" ").replace(b":  ", b": "))
        signature = self.key.sign(b"".join(data), _PADDING, _HASH)
        written = binascii.b2a_base64(signature, newline=False)
        lines = [written[start : start + 72] for start in range(0, len(written), 72)]
        return b"".join((b"DKIM-Signature: ", head, *(b"\r\n " + line for line in lines), b"\r\n"))

    def _head(self, listed: str, body_hash: str, date: datetime) -> str:
        """Return the value up to the signature itself."""
        return (
            f"v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n d={self.domain}; s={self.selector};"
            f" t={int(date.timestamp())};\r\n h={listed};\r\n bh={body_hash};\r\n b="
        )


@lru_cache(maxsize=64)
def _listed(fields: tuple[str, ...]) -> str:
    """Return the names of the signed headers that a mail has, then those signed as absent."""
    named = [name for name in _SIGNED if name.lower() in fields]
    return re.sub(r"(.{40,60}:)", "\\1\r\n  ", ":".join([*named, *_OVERSIGNED]))


def read_key(pem: bytes) -> rsa.RSAPrivateKey:
    """Read a private key.

    Raises:
        DigestError: it is not a key, is encrypted, is not an RSA key, or is shorter than 2048 bits.
    """
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise DigestError(
            "it is not a private key in PEM format without a passphrase; `sse-digest dkim generate` makes one"
        ) from error
    if not isinstance(key, rsa.RSAPrivateKey) or key.key_size < KEY_BITS:
        raise DigestError(
            f"it is not an RSA key of at least {KEY_BITS} bits; `sse-digest dkim generate` makes one"
        )
    return key


def make_key() -> bytes:
    """Return a new private key in PEM format."""
    return rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def record_of(key: rsa.RSAPrivateKey) -> str:
    """Return the text of the DNS record with which receivers check signatures (RFC 6376 section 3.6.1)."""
    public = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return f"v=DKIM1; k=rsa; p={base64.b64encode(public).decode()}"


def zone_line(signer: DkimSigner) -> str:
    """Return the record as a line of a zone file, split into strings of at most 255 bytes."""
    record = record_of(signer.key)
    parts = (record[start : start + 250] for start in range(0, len(record), 250))
    texts = " ".join(f'"{part}"' for part in parts)
    return f"{signer.selector}._domainkey.{signer.domain}. IN TXT ( {texts} )"


def public_key_in(record: str) -> str | None:
    """Return the public key of a DNS record in base64, or None if it is not a DKIM record or is revoked."""
    pairs = (tag.partition("=") for tag in record.split(";"))
    tags = {name.strip(): re.sub(r"\s", "", value) for name, _, value in pairs}
    return (tags.get("p") or None) if tags.get("v", "DKIM1") == "DKIM1" else None

"""Signatures that an independent verifier accepts, and refuses as soon as anything signed was changed."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from sse_digest.digest.mail.dkim import DkimSigner, make_key, public_key_in, read_key, record_of, zone_line
from sse_digest.digest.mail.message import prepare
from sse_digest.errors import DigestError
from tests.digest.issues import FIXTURES, LETTERHEAD, edition_of, small
from tests.digest.mail_rules import message_findings

DOMAIN, SELECTOR = "news.example.org", "digest"
KEY = read_key(make_key())
SIGNER = DkimSigner(DOMAIN, SELECTOR, KEY)
MAY = datetime(2023, 5, 1, 8, tzinfo=UTC)


def is_valid(mail: bytes) -> bool:
    """Ask dkimpy, with our record in the DNS."""

    def answer(name: bytes, timeout: int = 5) -> bytes | None:
        return record_of(KEY).encode() if name == f"{SELECTOR}._domainkey.{DOMAIN}.".encode() else None

    return bool(dkim.verify(mail, dnsfunc=answer))


def signed(fixture: str = "small", *, language: str = "en", **changes: object) -> bytes:
    values = {
        "address": "reader@example.org",
        "name": "Ana Ruiz",
        "message_id": "1@news.example.org",
        "date": MAY,
    }
    template = prepare(edition_of(FIXTURES[fixture](), language=language), LETTERHEAD, signer=SIGNER)
    return template.fill(**{**values, **changes})  # type: ignore[arg-type] # the test's own values


@pytest.mark.parametrize("language", ["en", "fr", "es", "ar"])
@pytest.mark.parametrize("fixture", FIXTURES)
def test_every_mail_is_signed_and_keeps_the_rules(fixture: str, language: str) -> None:
    mail = signed(fixture, language=language)

    assert is_valid(mail)
    assert message_findings(mail) == []


@settings(max_examples=40, deadline=None)
@given(
    name=st.text(max_size=60),
    token=st.text("abcdefghijklmnopqrstuvwxyz234567", min_size=39, max_size=39),
    number=st.integers(0, 10**9),
)
def test_whoever_gets_it_the_signature_is_valid(name: str, token: str, number: int) -> None:
    mail = signed(name=name, message_id=f"{number}@news.example.org", unsubscribe_token=token)

    assert is_valid(mail)
    assert token.encode() in mail


@pytest.mark.parametrize(
    "added", ["From", "Reply-To", "Subject", "List-Unsubscribe", "List-Unsubscribe-Post"]
)
def test_a_header_that_somebody_adds_breaks_the_signature(added: str) -> None:
    assert not is_valid(f"{added}: <https://evil.example/>\r\n".encode() + signed())


@pytest.mark.parametrize(
    "name",
    [
        "From",
        "Reply-To",
        "To",
        "Subject",
        "Date",
        "Message-ID",
        "MIME-Version",
        "List-Id",
        "List-Unsubscribe",
        "List-Unsubscribe-Post",
        "List-Help",
        "List-Owner",
        "List-Post",
        "Feedback-ID",
        "Auto-Submitted",
        "Precedence",
    ],
)
def test_a_header_that_somebody_changes_breaks_the_signature(name: str) -> None:
    mail = signed()
    changed, count = re.subn(rf"(?m)^({name}: )".encode(), rb"\1x", mail, count=1)

    assert count == 1
    assert not is_valid(changed)


def test_a_changed_body_breaks_the_signature_and_changed_blanks_do_not() -> None:
    mail = signed()

    assert not is_valid(mail.replace(b"Cooperatives", b"Corporations"))
    assert is_valid(mail.replace(b"Precedence: bulk", b"Precedence:    bulk"))
    assert is_valid(mail + b"\r\n\r\n")


def test_the_same_mail_has_the_same_signature_and_another_attempt_too() -> None:
    assert signed() == signed()


def test_without_a_key_the_mail_is_the_same_but_for_the_signature() -> None:
    plain = prepare(edition_of(small()), LETTERHEAD).fill(
        address="reader@example.org", name="Ana Ruiz", message_id="1@news.example.org", date=MAY
    )
    head, _, rest = signed().partition(b"From: ")

    assert head.startswith(b"DKIM-Signature: ")
    assert b"From: " + rest == plain


def test_the_signature_says_what_it_covers_and_nothing_it_must_not() -> None:
    head = signed().partition(b"\r\nFrom: ")[0].decode()
    tags = dict(re.findall(r"(\w+)=([^;]*)", re.sub(r"\s", "", head)))

    assert (tags["a"], tags["c"], tags["d"], tags["s"]) == ("rsa-sha256", "relaxed/relaxed", DOMAIN, SELECTOR)
    assert tags["t"] == str(int(MAY.timestamp()))
    assert "l" not in tags
    assert {"list-unsubscribe", "list-unsubscribe-post", "feedback-id"} <= set(tags["h"].lower().split(":"))
    assert max(map(len, head.split("\r\n"))) <= 78


def pem(key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey, password: bytes | None = None) -> bytes:
    encryption = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda: b"hello", "not a private key in PEM"),
        (lambda: pem(KEY, b"secret"), "without a passphrase"),
        (lambda: pem(ed25519.Ed25519PrivateKey.generate()), "not an RSA key of at least 2048 bits"),
        (
            lambda: pem(rsa.generate_private_key(public_exponent=65537, key_size=1024)),  # noqa: S505 # too weak
            "not an RSA key of at least 2048 bits",
        ),
    ],
)
def test_a_key_that_would_not_count_is_refused(make: Callable[[], bytes], why: str) -> None:
    with pytest.raises(DigestError, match=why):
        read_key(make())


def test_the_record_holds_the_public_key_in_strings_the_dns_can_carry() -> None:
    line = zone_line(SIGNER)
    strings = re.findall('"([^"]*)"', line)

    assert line.startswith(f"{SELECTOR}._domainkey.{DOMAIN}. IN TXT ( ")
    assert "".join(strings) == record_of(KEY)
    assert max(map(len, strings)) <= 255


@pytest.mark.parametrize(
    ("record", "key"),
    [("v=DKIM1; p=a b", "ab"), ("p=ab", "ab"), ("v=DKIM1; p=", None), ("v=spf1; p=x", None)],
)
def test_a_record_is_read_as_the_standard_says(record: str, key: str | None) -> None:
    assert public_key_in(record) == key

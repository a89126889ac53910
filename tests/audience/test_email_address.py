"""An address is stored in one form, and nothing that is none gets through."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sse_digest.audience.email_address import normalise
from sse_digest.errors import AudienceError
from sse_digest.model.subscribers import key_of


@pytest.mark.parametrize(
    ("typed", "stored", "key"),
    [
        ("Ana.Lopez@Example.ORG", "Ana.Lopez@example.org", "ana.lopez@example.org"),
        (" ana@example.org\t", "ana@example.org", "ana@example.org"),
        ("ana@Bücher.example", "ana@xn--bcher-kva.example", "ana@xn--bcher-kva.example"),
        ("ana@XN--BCHER-KVA.example", "ana@xn--bcher-kva.example", "ana@xn--bcher-kva.example"),
        ("José+news@example.org", "José+news@example.org", "josé+news@example.org"),
        ("o'brien@example.org", "o'brien@example.org", "o'brien@example.org"),
        ("STRASSE@example.org", "STRASSE@example.org", "strasse@example.org"),
    ],
)
def test_the_local_part_stays_as_typed_and_the_domain_becomes_an_a_label(
    typed: str, stored: str, key: str
) -> None:
    address = normalise(typed)

    assert (address.address, address.key) == (stored, key)
    assert key_of(address.address) == key


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "ana",
        "@example.org",
        "ana@",
        "ana@example",
        "ana@localhost",
        "ana@[192.0.2.1]",
        '"ana lopez"@example.org',
        "ana lopez@example.org",
        "ana@example.org, bob@example.org",
        "Ana <ana@example.org>",
        "ana..lopez@example.org",
        "ana@exam\u202eple.org",
        "a" * 65 + "@example.org",
        "ana@" + "a" * 64 + ".org",
        "ana@example.org\r\nBcc: all@example.org",
        "ana\n@example.org",
        "ana\x00@example.org",
        "mailto:ana@example.org",
    ],
)
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(AudienceError, match="not an e-mail address"):
        normalise(typed)


@given(st.text())
def test_any_text_is_an_address_without_control_characters_or_is_refused(text: str) -> None:
    try:
        address = normalise(text)
    except AudienceError:
        return
    assert address.address.isprintable()
    assert normalise(address.address) == address
    assert address.address.count("@") == 1


def test_the_refusal_does_not_repeat_the_address() -> None:
    with pytest.raises(AudienceError) as told:
        normalise("secret.person@example")

    assert "secret" not in str(told.value)

"""Tokens: they name what they were made for, and nothing else can be made of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sse_digest.errors import TokenError
from sse_digest.model.signed_tokens import TOKEN_LENGTH, TokenPurpose, mint, read, scope_of

OLD, NEW = b"o" * 32, b"n" * 32
NUMBERS = st.integers(0, 2**64 - 1)


@given(number=NUMBERS, name=st.text(max_size=40), purpose=st.sampled_from(TokenPurpose))
def test_a_token_comes_back_as_what_it_names(number: int, name: str, purpose: TokenPurpose) -> None:
    token = mint([NEW], purpose, number=number, name=name)

    assert len(token) == TOKEN_LENGTH
    assert token.replace("-", "").replace("_", "").isalnum()
    assert (read([NEW], purpose, token).number, read([NEW], purpose, token).scope) == (number, scope_of(name))


def test_old_keys_verify_for_ever_and_new_ones_sign() -> None:
    before = mint([OLD], TokenPurpose.UNSUBSCRIBE, number=1, name="news")
    after = mint([NEW, OLD], TokenPurpose.UNSUBSCRIBE, number=1, name="news")

    assert read([NEW, OLD], TokenPurpose.UNSUBSCRIBE, before).number == 1
    assert after != before
    with pytest.raises(TokenError):
        read([NEW], TokenPurpose.UNSUBSCRIBE, before)


@pytest.mark.parametrize("other", [TokenPurpose.RETURN_PATH, TokenPurpose.MESSAGE_ID])
def test_a_token_of_another_purpose_is_worthless(other: TokenPurpose) -> None:
    token = mint([NEW], other, number=1, name="news")

    with pytest.raises(TokenError, match="not made by this installation"):
        read([NEW], TokenPurpose.UNSUBSCRIBE, token)


@given(place=st.integers(0, TOKEN_LENGTH - 2), letter=st.sampled_from("abcxyz2345"))
def test_a_changed_letter_is_noticed(place: int, letter: str) -> None:
    token = mint([NEW], TokenPurpose.UNSUBSCRIBE, number=7, name="news")
    changed = token[:place] + letter + token[place + 1 :]

    if changed != token:
        with pytest.raises(TokenError):
            read([NEW], TokenPurpose.UNSUBSCRIBE, changed)


@given(st.text(max_size=60))
def test_anything_else_is_refused_and_never_raises_anything_else(text: str) -> None:
    with pytest.raises(TokenError):
        read([NEW], TokenPurpose.UNSUBSCRIBE, text)


def test_a_second_spelling_of_a_token_is_refused() -> None:
    token = mint([NEW], TokenPurpose.UNSUBSCRIBE, number=7, name="news")

    with pytest.raises(TokenError):
        read([NEW], TokenPurpose.UNSUBSCRIBE, token + "=")


def test_a_token_is_read_in_any_case_and_fits_into_a_local_part() -> None:
    token = mint([NEW], TokenPurpose.RETURN_PATH, number=2**63 - 1, name="monthly/2023-04")

    assert token == token.lower()
    assert read([NEW], TokenPurpose.RETURN_PATH, token.upper()) == read(
        [NEW], TokenPurpose.RETURN_PATH, token
    )
    assert len(f"newsletter-bounces+{token}") <= 64  # octets, RFC 5321 section 4.5.3.1.1

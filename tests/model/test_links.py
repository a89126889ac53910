"""Tokens: they name what they were made for, and nothing else can be made of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sse_digest.errors import LinkError
from sse_digest.model.links import TOKEN_LENGTH, Purpose, mint, read, scope_of

OLD, NEW = b"o" * 32, b"n" * 32
NUMBERS = st.integers(0, 2**64 - 1)


@given(number=NUMBERS, name=st.text(max_size=40), purpose=st.sampled_from(Purpose))
def test_a_token_comes_back_as_what_it_names(number: int, name: str, purpose: Purpose) -> None:
    token = mint([NEW], purpose, number=number, name=name)

    assert len(token) == TOKEN_LENGTH
    assert token.replace("-", "").replace("_", "").isalnum()
    assert (read([NEW], purpose, token).number, read([NEW], purpose, token).scope) == (number, scope_of(name))


def test_old_keys_verify_for_ever_and_new_ones_sign() -> None:
    before = mint([OLD], Purpose.UNSUBSCRIBE, number=1, name="news")
    after = mint([NEW, OLD], Purpose.UNSUBSCRIBE, number=1, name="news")

    assert read([NEW, OLD], Purpose.UNSUBSCRIBE, before).number == 1
    assert after != before
    with pytest.raises(LinkError):
        read([NEW], Purpose.UNSUBSCRIBE, before)


@pytest.mark.parametrize("other", [Purpose.RETURN_PATH, Purpose.MESSAGE_ID])
def test_a_token_of_another_purpose_is_worthless(other: Purpose) -> None:
    token = mint([NEW], other, number=1, name="news")

    with pytest.raises(LinkError, match="not made by this installation"):
        read([NEW], Purpose.UNSUBSCRIBE, token)


@given(place=st.integers(0, TOKEN_LENGTH - 2), letter=st.sampled_from("ABCxyz019-_"))
def test_a_changed_letter_is_noticed(place: int, letter: str) -> None:
    token = mint([NEW], Purpose.UNSUBSCRIBE, number=7, name="news")
    changed = token[:place] + letter + token[place + 1 :]

    if changed != token:
        with pytest.raises(LinkError):
            read([NEW], Purpose.UNSUBSCRIBE, changed)


@given(st.text(max_size=60))
def test_anything_else_is_refused_and_never_raises_anything_else(text: str) -> None:
    with pytest.raises(LinkError):
        read([NEW], Purpose.UNSUBSCRIBE, text)


def test_a_second_spelling_of_a_token_is_refused() -> None:
    token = mint([NEW], Purpose.UNSUBSCRIBE, number=7, name="news")

    with pytest.raises(LinkError):
        read([NEW], Purpose.UNSUBSCRIBE, token + "=")

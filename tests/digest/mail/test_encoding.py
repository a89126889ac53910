import base64
import quopri

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sse_digest.digest.mail.encoding import EncodedBody, as_base64, as_quoted_printable, encode
from sse_digest.digest.token_gaps import GAP

TOKEN = b"abcdefghijklmnopqrstuvwxyz234567abcdefg"
MARK = GAP.encode()
CHUNKS = st.one_of(
    st.just(GAP),
    st.text(max_size=120),
    st.sampled_from(
        [
            "\n",
            " ",
            "From ",
            "\nFrom here",
            ".",
            "\n.\n",
            "=",
            "é",
            "سلام",
            "x" * 74,
            "x" * 75,
            "x" * 76,
            "\t\n",
        ]
    ),
)
TEXTS = st.lists(CHUNKS, max_size=12).map("".join)


def plain(text: str) -> bytes:
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n").encode()


def decoded(body: EncodedBody, filled: bytes) -> bytes:
    return base64.b64decode(filled) if body.encoding == "base64" else quopri.decodestring(filled)


@pytest.mark.parametrize("form", [as_quoted_printable, as_base64])
@given(text=TEXTS)
def test_a_filled_body_decodes_to_the_text_with_its_tokens(form: type, text: str) -> None:
    body = form(plain(text).split(MARK))
    filled = body.fill(TOKEN)

    assert decoded(body, filled) == plain(text).replace(MARK, TOKEN)
    assert max(map(len, filled.split(b"\r\n"))) <= 76
    assert filled.isascii()
    assert b"\n" not in filled.replace(b"\r\n", b"")


@pytest.mark.parametrize("form", [as_quoted_printable, as_base64])
@given(text=TEXTS)
def test_filling_changes_nothing_but_the_token(form: type, text: str) -> None:
    body = form(plain(text).split(MARK))

    first, second = body.fill(TOKEN), body.fill(TOKEN[::-1])

    assert len(first) == len(second)
    assert [len(line) for line in first.split(b"\r\n")] == [len(line) for line in second.split(b"\r\n")]
    if body.encoding == "base64":
        assert first == as_base64([plain(text).replace(MARK, TOKEN)]).fill(b"")
    else:
        assert first.replace(TOKEN, TOKEN[::-1]) == second


@given(text=TEXTS)
def test_quoted_printable_never_cuts_a_token(text: str) -> None:
    filled = as_quoted_printable(plain(text).split(MARK)).fill(TOKEN)

    assert filled.count(TOKEN) == text.count(GAP)


@given(text=TEXTS)
def test_no_encoded_line_begins_as_a_mailbox_file_separates_mails(text: str) -> None:
    assert not any(line.startswith(b"From ") for line in encode(text.split(GAP)).fill(TOKEN).split(b"\r\n"))


def test_the_shorter_form_is_taken() -> None:
    assert encode(["Plain words, and a café.\n" * 20]).encoding == "quoted-printable"
    assert encode(["كلمات عربية\n" * 20]).encoding == "base64"


def test_every_line_end_becomes_the_one_of_mail() -> None:
    assert encode(["a\nb\r\nc\rd\n"]).fill(TOKEN) == b"a\r\nb\r\nc\r\nd\r\n"


def test_two_tokens_in_one_line_of_base64_are_both_filled() -> None:
    text = "ك" * 40 + GAP + GAP + "ك" + GAP + "ك" * 400
    body = as_base64(text.encode().split(MARK))

    assert len(body.gaps) == 1
    assert base64.b64decode(body.fill(TOKEN)) == text.encode().replace(MARK, TOKEN)


def test_a_body_without_a_token_is_finished() -> None:
    body = encode(["nothing to fill\n"])

    assert body.gaps == ()
    assert body.fill(TOKEN) == b"nothing to fill\r\n"


@pytest.mark.parametrize("blank", [b" ", b"\t"])
@pytest.mark.parametrize("length", range(70, 80))
def test_a_blank_at_the_end_of_a_full_line_makes_it_no_longer(length: int, blank: bytes) -> None:
    raw = b"0" * length + blank + b"\r\nnext"

    encoded = as_quoted_printable([raw]).fill(b"")

    assert max(map(len, encoded.split(b"\r\n"))) <= 76
    assert quopri.decodestring(encoded) == raw

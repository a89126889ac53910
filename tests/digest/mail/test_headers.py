import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sse_digest.digest.mail import headers
from sse_digest.errors import DigestError
from sse_digest.rendering.sanitize_text import clean
from tests.digest.mail_rules import decode_words, header_fields

ANY_TEXT = st.text(alphabet=st.characters(exclude_categories=()), max_size=200)
SCRIPTS = st.text(
    alphabet="abc XYZ 09,.;:!?()<>\"'\\@=_- éüß  ñ אבג שלום ابجد كلمة 汉字 かな 🎉👩‍👩‍👧 \u0301\u200f",
    max_size=120,
)
WORDS = st.one_of(SCRIPTS, ANY_TEXT)
QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')


def value_of(line: bytes) -> str:
    """Return the one value a written header holds; nothing but that header may be there."""
    assert line.endswith(b"\r\n")
    [(_, value)] = header_fields(line.removesuffix(b"\r\n"))
    return value


@given(WORDS)
def test_a_subject_survives_an_independent_decoder(text: str) -> None:
    line = headers.words("Subject", text)

    assert decode_words(value_of(line)) == clean(text)
    assert max(map(len, line.split(b"\r\n"))) <= 76


@given(WORDS)
def test_a_display_name_survives_an_independent_decoder(name: str) -> None:
    line = headers.mailbox("To", name, "reader@example.org")

    phrase = value_of(line).removesuffix("<reader@example.org>").strip()
    quoted = QUOTED.fullmatch(phrase)
    read = re.sub(r"\\(.)", r"\1", quoted[1]) if quoted else decode_words(phrase)
    assert (read or "reader@example.org") == (clean(name) or "reader@example.org")
    assert not clean(name) or value_of(line).endswith("<reader@example.org>")
    assert max(map(len, line.split(b"\r\n"))) <= 76


@given(WORDS)
def test_a_name_in_front_of_an_address_holds_nothing_that_ends_it(name: str) -> None:
    phrase = value_of(headers.mailbox("From", name, "a@example.org")).removesuffix("<a@example.org>")

    assert not re.search(r"[()<>\[\]:;@\\,.\"]", QUOTED.sub("", phrase)) or phrase == "a@example.org"


@pytest.mark.parametrize(
    ("name", "written"),
    [
        (None, b"To: a@example.org\r\n"),
        ("", b"To: a@example.org\r\n"),
        ("Ana Ruiz", b"To: Ana Ruiz <a@example.org>\r\n"),
        ('Ruiz, Ana "A"', b'To: "Ruiz, Ana \\"A\\"" <a@example.org>\r\n'),
        ("J\u00f6rg", b"To: =?utf-8?b?SsO2cmc=?= <a@example.org>\r\n"),
        ("=?utf-8?q?x?=", b"To: =?utf-8?b?PT91dGYtOD9xP3g/PQ==?= <a@example.org>\r\n"),
        ("a\r\nBcc: b@example.org", b'To: "a Bcc: b@example.org" <a@example.org>\r\n'),
    ],
)
def test_a_name_is_quoted_or_encoded_only_where_it_must_be(name: str | None, written: bytes) -> None:
    assert headers.mailbox("To", name, "a@example.org") == written


def test_a_long_name_leaves_its_address_on_the_next_line() -> None:
    line = headers.mailbox(
        "To", "An organisation whose name is long enough for one line", "someone@long.example.org"
    )

    assert line == (
        b"To: An organisation whose name is long enough for one line\r\n <someone@long.example.org>\r\n"
    )


def test_an_ascii_subject_stands_as_it_is_and_is_folded_between_words() -> None:
    line = headers.words("Subject", "word " * 30)

    assert b"=?" not in line
    assert value_of(line) == ("word " * 30).strip()
    assert line.count(b"\r\n ") == 1 + 150 // 76


@pytest.mark.parametrize("length", [1, 60, 70, 78, 200, 900])
def test_an_unsubscribe_address_is_never_cut_or_encoded(length: int) -> None:
    address = "https://news.example.org/" + "x" * length

    assert headers.uri("List-Unsubscribe", address) == f"List-Unsubscribe: <{address}>\r\n".encode()


@pytest.mark.parametrize(
    "address",
    [
        "",
        "no scheme",
        "https://a/ b",
        "https://a/>",
        "https://a/<",
        "https://a/\r\nBcc: b",
        "https://é/",
        "https://a/\0",
    ],
)
def test_what_is_no_address_never_enters_a_list_header(address: str) -> None:
    with pytest.raises(DigestError, match="it is not an ASCII address"):
        headers.uri("List-Unsubscribe", address)


def test_a_list_header_longer_than_a_line_of_mail_is_refused() -> None:
    with pytest.raises(DigestError, match="longer than a line of mail"):
        headers.uri("List-Unsubscribe", "https://news.example.org/" + "x" * 960)


@pytest.mark.parametrize(
    "address", ["a@example.org", "a.b+c@xn--bcher-kva.example", "o'hara@localhost", "!#$%@a.b"]
)
def test_addresses_of_the_common_forms_are_taken(address: str) -> None:
    assert headers.checked_address(address) == address


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("jörg@example.org", "cannot be written in SMTP"),
        ("a@bücher.example", "cannot be written in SMTP"),
        ("", "not an e-mail address"),
        ("a@", "not an e-mail address"),
        ("@example.org", "not an e-mail address"),
        ("a b@example.org", "not an e-mail address"),
        ("a@example..org", "not an e-mail address"),
        (".a@example.org", "not an e-mail address"),
        ("a@example.org\r\nBcc: b@example.org", "not an e-mail address"),
        ("a@example.org\n", "not an e-mail address"),
        ("a@example.org>", "not an e-mail address"),
        ("a@b@example.org", "not an e-mail address"),
        ("a" * 250 + "@example.org", "not an e-mail address"),
    ],
)
def test_what_cannot_be_written_as_an_address_is_refused(address: str, reason: str) -> None:
    with pytest.raises(DigestError, match=reason):
        headers.mailbox("To", None, address)


@given(ANY_TEXT)
def test_no_text_becomes_a_second_header(text: str) -> None:
    writers: tuple[Callable[[], bytes], ...] = (
        lambda: headers.token("Precedence", text),
        lambda: headers.uri("List-Archive", f"https://{text}"),
        lambda: headers.message_identifier(f"{text}@example.org"),
        lambda: headers.list_identifier(text, "news.example.org"),
        lambda: headers.list_identifier("News", text),
        lambda: headers.mailbox("To", text, "a@example.org"),
        lambda: headers.mailbox("To", None, text),
    )
    for write in writers:
        try:
            line = write()
        except DigestError:
            continue
        assert re.fullmatch(rb"[\w-]+: [ -~]*(\r\n [ -~]+)*\r\n", line)


def test_a_list_identifier_keeps_its_name_whatever_the_title() -> None:
    assert headers.list_identifier("News", "news.example.org") == b"List-Id: News <news.example.org>\r\n"
    assert headers.list_identifier("", "news.example.org") == b"List-Id: <news.example.org>\r\n"
    assert headers.list_identifier("أخبار", "news.example.org").endswith(b"?= <news.example.org>\r\n")


@pytest.mark.parametrize("list_id", ["", "a b", "<a>", "a\r\nb", "a..b", "é.example"])
def test_a_list_identifier_is_like_a_domain(list_id: str) -> None:
    with pytest.raises(DigestError, match="does not look like a domain name"):
        headers.list_identifier("News", list_id)


def test_a_message_identifier_may_come_with_its_brackets_or_without() -> None:
    assert headers.message_identifier("a.b@example.org") == b"Message-ID: <a.b@example.org>\r\n"
    assert headers.message_identifier("<a.b@example.org>") == b"Message-ID: <a.b@example.org>\r\n"
    with pytest.raises(DigestError, match="not a Message-ID"):
        headers.message_identifier("a b@example.org")


def test_a_date_is_written_in_english_with_its_zone() -> None:
    moment = datetime(2023, 5, 1, 8, 30, tzinfo=timezone(timedelta(hours=2)))

    assert headers.instant(moment) == b"Date: Mon, 01 May 2023 08:30:00 +0200\r\n"
    assert parsedate_to_datetime(value_of(headers.instant(moment))).astimezone(UTC) == moment
    with pytest.raises(DigestError, match="no time zone"):
        headers.instant(datetime(2023, 5, 1))  # noqa: DTZ001 # a moment without a zone is what is refused


@pytest.mark.parametrize("value", ["a\r\nb", "a\r\n b", "é", "\0", "\x7f"])
def test_what_programs_read_is_refused_rather_than_mended(value: str) -> None:
    with pytest.raises(DigestError, match="not all visible ASCII"):
        headers.token("Precedence", value)


@given(text=st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=120))
def test_only_the_last_encoded_word_is_padded_and_all_is_read_back(text: str) -> None:
    line = headers.words("Subject", text).decode("ascii")

    words = re.findall(r"=\?utf-8\?b\?([^?]*)\?=", line)
    assert not any(word.endswith("=") for word in words[:-1])
    assert max(map(len, line.split("\r\n"))) <= 78
    assert decode_words(dict(header_fields(line.encode()))["Subject"]) == clean(text)


@pytest.mark.parametrize("text", ["a" + "語" * 60, "é" + "語" * 60, "😀語" * 30, "تعاونيات ومنظمات " * 6])
def test_odd_mixes_of_letters_are_cut_between_triples(text: str) -> None:
    line = headers.words("Subject", text).decode("ascii")
    words = re.findall(r"=\?utf-8\?b\?([^?]*)\?=", line)
    assert len(words) > 1
    assert not any(word.endswith("=") for word in words[:-1])
    assert decode_words(dict(header_fields(line.encode()))["Subject"]) == clean(text)

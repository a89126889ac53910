import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sse_digest.digest.mail.message import TEST_TOKEN, MessageTemplate, prepare, preview
from sse_digest.digest.token_gaps import parts_of
from sse_digest.errors import DigestError, TokenError
from sse_digest.model import signed_tokens
from tests.digest.issues import FIXTURES, LETTERHEAD, edition_of, small
from tests.digest.mail_rules import bodies, decode_words, header_fields, links_of, message_findings

MAY = datetime(2023, 5, 1, 8, tzinfo=UTC)
KEYS = (b"k" * 32,)
TOKEN = signed_tokens.mint(KEYS, signed_tokens.TokenPurpose.UNSUBSCRIBE, number=7, name="news")


def fill(template: MessageTemplate, **changes: object) -> bytes:
    values: dict[str, object] = {
        "address": "reader@example.org",
        "message_id": "m1@news.example.org",
        "date": MAY,
        "unsubscribe_token": TOKEN,
    }
    return template.fill(**{**values, **changes})  # type: ignore[arg-type] # the test's own values


def headers_of(mail: bytes) -> dict[str, str]:
    return dict(header_fields(mail.partition(b"\r\n\r\n")[0]))


@pytest.mark.parametrize("language", ["en", "fr", "es", "ar"])
@pytest.mark.parametrize("name", FIXTURES)
def test_every_mail_keeps_to_the_rules(name: str, language: str) -> None:
    template = prepare(edition_of(FIXTURES[name](), language=language), LETTERHEAD)

    assert message_findings(fill(template, name="Jörg, “the” Müller")) == []


def test_a_mail_holds_exactly_these_headers() -> None:
    mail = fill(prepare(edition_of(small()), LETTERHEAD), name="Ana Ruiz")
    values = headers_of(mail)
    boundary = values.pop("Content-Type").partition("boundary=")[2]

    assert re.fullmatch(r'"=_[0-9a-f]{32}"', boundary)
    assert decode_words(values.pop("Subject")) == "News on Social and Solidarity Economy – April 2023"
    assert values == {
        "From": "SSE Digest <digest@news.example.org>",
        "Reply-To": "editors@news.example.org",
        "To": "Ana Ruiz <reader@example.org>",
        "Date": "Mon, 01 May 2023 08:00:00 +0000",
        "Message-ID": "<m1@news.example.org>",
        "List-Unsubscribe": f"<https://news.example.org/unsubscribe/{TOKEN}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Id": "News on Social and Solidarity Economy <sse.news.example.org>",
        "List-Help": "<mailto:editors@news.example.org>",
        "List-Owner": "<mailto:editors@news.example.org>",
        "List-Post": "NO",
        "Feedback-ID": "monthly-2023-04:news:en:3256d6fb6576",
        "Auto-Submitted": "auto-generated",
        "Precedence": "bulk",
        "MIME-Version": "1.0",
    }


def test_both_parts_carry_the_edition_with_the_readers_token() -> None:
    edition = edition_of(small())
    text, html = bodies(fill(prepare(edition, LETTERHEAD)))

    assert text == TOKEN.join(parts_of(edition.text, edition.text_gaps))
    assert html == TOKEN.join(parts_of(edition.html, edition.html_gaps))
    assert f"https://news.example.org/unsubscribe/{TOKEN}" in links_of(html)


@pytest.mark.parametrize("language", ["en", "ar"])
def test_two_readers_mails_differ_only_where_they_may(language: str) -> None:
    template = prepare(edition_of(small(), language=language), LETTERHEAD)
    other_token = signed_tokens.mint(KEYS, signed_tokens.TokenPurpose.UNSUBSCRIBE, number=8, name="news")

    first = fill(template, name="Ana")
    second = fill(
        template, name="Bo", address="bo@example.net", message_id="m2@b.c", unsubscribe_token=other_token
    )

    ours, theirs = headers_of(first), headers_of(second)
    assert list(ours) == list(theirs)
    assert {name for name in ours if ours[name] != theirs[name]} == {"To", "Message-ID", "List-Unsubscribe"}
    assert ours["List-Unsubscribe"].replace(TOKEN, other_token) == theirs["List-Unsubscribe"]
    for mine, other in zip(bodies(first), bodies(second), strict=True):
        assert mine.replace(TOKEN, other_token) == other
    assert len(first.partition(b"\r\n\r\n")[2]) == len(second.partition(b"\r\n\r\n")[2])


def test_the_same_values_give_the_same_bytes() -> None:
    first, second = (fill(prepare(edition_of(small()), LETTERHEAD)) for _ in range(2))

    assert first == second
    assert fill(prepare(edition_of(FIXTURES["gaps"]()), LETTERHEAD)) != first


@pytest.mark.parametrize("length", [10, 40, 80, 400])
def test_the_unsubscribe_header_stays_whole_however_long(length: int) -> None:
    host = "https://" + "/".join(["news.example.org", "x" * length])
    letterhead = replace(LETTERHEAD, public_url=host + "/")
    mail = fill(prepare(edition_of(small(), public_url=host + "/"), letterhead))

    assert f"\r\nList-Unsubscribe: <{host}/unsubscribe/{TOKEN}>\r\n".encode() in mail
    assert message_findings(mail) == []


@pytest.mark.parametrize("public_url", [None, "http://news.example.org"])
def test_without_pages_of_ours_there_is_no_one_click(public_url: str | None) -> None:
    template = prepare(edition_of(small(), public_url=public_url), replace(LETTERHEAD, public_url=public_url))

    assert not template.one_click
    assert message_findings(fill(template), one_click=False) == []
    assert TOKEN.encode() not in fill(template)


def test_an_archive_is_named_in_the_header_where_there_is_one() -> None:
    archive = "https://news.example.org/archive/"
    pages = {"en": archive, "fr": archive + "fr"}
    template = prepare(edition_of(small(), archive_pages=pages), replace(LETTERHEAD, archive_pages=pages))

    assert headers_of(fill(template))["List-Archive"] == f"<{archive}>"
    assert message_findings(fill(template)) == []


def test_without_a_reply_address_the_sender_is_answered() -> None:
    headers = headers_of(fill(prepare(edition_of(small()), replace(LETTERHEAD, reply_to=None))))

    assert not {"Reply-To", "List-Help", "List-Owner"} & headers.keys()


@pytest.mark.parametrize(
    ("reply_to", "written"),
    [
        ("editors@news.example.org", "<mailto:editors@news.example.org>"),
        ("50%&a?b/c@news.example.org", "<mailto:50%25%26a%3Fb%2Fc@news.example.org>"),
    ],
)
def test_help_and_owner_are_whoever_reads_the_answers(reply_to: str, written: str) -> None:
    headers = headers_of(fill(prepare(edition_of(small()), replace(LETTERHEAD, reply_to=reply_to))))

    assert headers["List-Help"] == headers["List-Owner"] == written


@pytest.mark.parametrize(
    ("language", "mark"), [("en", "[Test] "), ("fr", "[Essai] "), ("es", "[Prueba] "), ("ar", "[تجربة] ")]
)
def test_a_test_mail_says_so_and_ends_no_subscription(language: str, mark: str) -> None:
    edition = edition_of(small(), language=language)
    template = prepare(edition, LETTERHEAD, test=True)
    mail = fill(template, unsubscribe_token=TOKEN)

    assert template.subject == decode_words(headers_of(mail)["Subject"]) == mark + edition.subject
    assert TOKEN.encode() not in mail
    assert TOKEN not in "".join(bodies(mail))
    assert headers_of(mail)["List-Unsubscribe"].endswith(f"/{TEST_TOKEN}>")
    assert message_findings(mail) == []


def test_the_test_token_is_like_a_token_but_verifies_for_nobody() -> None:
    assert len(TEST_TOKEN) == signed_tokens.TOKEN_LENGTH
    with pytest.raises(TokenError):
        signed_tokens.read(KEYS, signed_tokens.TokenPurpose.UNSUBSCRIBE, TEST_TOKEN)


@pytest.mark.parametrize(
    "token", ["", "short", TOKEN + "x", TOKEN[:-1] + "\n", TOKEN[:-1] + "é", TOKEN[:-1] + "="]
)
def test_a_token_of_another_form_is_refused(token: str) -> None:
    with pytest.raises(DigestError, match="A token must have 39 letters"):
        fill(prepare(edition_of(small()), LETTERHEAD), unsubscribe_token=token)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"address": "jörg@bücher.example"}, "not an e-mail address"),
        ({"address": "a@b.c\r\nBcc: d@e.f"}, "not an e-mail address"),
        ({"message_id": "a@b.c>\r\nBcc: d@e.f"}, "not a Message-ID"),
        ({"date": datetime(2023, 5, 1)}, "no time zone"),  # noqa: DTZ001 # is what is refused
    ],
)
def test_values_that_cannot_stand_in_a_header_are_refused(changes: dict[str, object], reason: str) -> None:
    with pytest.raises(DigestError, match=reason):
        fill(prepare(edition_of(small()), LETTERHEAD), **changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"from_address": "not an address"},
        {"reply_to": "a@b.c\r\nBcc: d@e.f"},
        {"list_id": "news\r\nBcc: d@e.f"},
        {"public_url": "https://news.example.org/\r\nBcc: d@e.f"},
        {"archive_pages": {"en": "https://news example"}},
    ],
)
def test_a_letterhead_that_cannot_be_written_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(DigestError):
        fill(prepare(edition_of(small()), replace(LETTERHEAD, **changes)))  # type: ignore[arg-type] # fields of text


@settings(deadline=None, max_examples=60)
@given(
    name=st.one_of(st.none(), st.text(alphabet=st.characters(exclude_categories=()), max_size=200)),
    subject=st.text(alphabet=st.characters(exclude_categories=()), max_size=200),
)
def test_no_name_and_no_subject_breaks_the_header(name: str | None, subject: str) -> None:
    template = prepare(replace(edition_of(small()), subject=subject), replace(LETTERHEAD, from_name=subject))

    mail = fill(template, name=name)

    assert message_findings(mail) == []
    assert len(headers_of(mail)) == 17


def test_a_preview_gives_three_files_for_each_edition() -> None:
    edition = edition_of(small(), language="fr")
    files = preview([edition], LETTERHEAD)

    assert list(files) == ["monthly-2023-04.fr.html", "monthly-2023-04.fr.txt", "monthly-2023-04.fr.eml"]
    assert files["monthly-2023-04.fr.html"].decode() == TEST_TOKEN.join(
        parts_of(edition.html, edition.html_gaps)
    )
    assert files["monthly-2023-04.fr.txt"].decode() == TEST_TOKEN.join(
        parts_of(edition.text, edition.text_gaps)
    )
    assert message_findings(files["monthly-2023-04.fr.eml"]) == []
    assert re.search(rb"\r\nMessage-ID: <preview\.[0-9a-f]{16}@sse\.", files["monthly-2023-04.fr.eml"])


def test_previews_of_one_language_are_told_apart_by_their_themes() -> None:
    editions = [
        replace(edition_of(small(), themes=("youth",)), digest="my digest/.."),
        edition_of(small(), themes=("youth", "other")),
        edition_of(small(), language="es"),
    ]

    assert [name for name in preview(editions, LETTERHEAD) if name.endswith(".txt")] == [
        "my_digest_..-2023-04.en.youth.txt",
        "monthly-2023-04.en.youth+other.txt",
        "monthly-2023-04.es.txt",
    ]

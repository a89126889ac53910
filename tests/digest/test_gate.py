"""A mail that breaks a rule is not sent: each fault is found as exactly what it is."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from sse_digest.digest.dkim import Signer, make_key, read_key
from sse_digest.digest.gate import FIXES, faults_of, refuse_faulty
from sse_digest.digest.message import prepare
from sse_digest.errors import DigestError
from tests.digest.issues import FIXTURES, LETTERHEAD, edition_of, small

MAY = datetime(2023, 5, 1, tzinfo=UTC)


def mail_of(html: str, text: str) -> bytes:
    """A mail of the program with another body, each part in one line-safe encoding."""
    edition = replace(edition_of(small()), html=html, text=text)
    return prepare(edition, LETTERHEAD).fill(
        address="reader@example.org", message_id="1@news.example.org", date=MAY
    )


GOOD = edition_of(small())


@pytest.mark.parametrize("language", ["en", "fr", "es", "ar"])
@pytest.mark.parametrize("fixture", FIXTURES)
def test_what_the_program_makes_passes_signed_or_not(fixture: str, language: str) -> None:
    edition = edition_of(FIXTURES[fixture](), language=language)
    for signer in (None, Signer("news.example.org", "s", KEY)):
        mail = prepare(edition, LETTERHEAD, signer=signer).fill(
            address="reader@example.org", name="Jörg", message_id="1@news.example.org", date=MAY
        )
        assert faults_of(mail) == ()


KEY = read_key(make_key())
BODY_FAULTS = [
    ("size", "</h1>", "</h1>" + "<p>longer</p>" * 8000),
    ("language", '<html lang="en"', "<html"),
    ("language", 'role="article"', 'role="article" lang=""'),
    ("language", "<title>", "<title></title><title>"),
    ("headings", "<h3", "<h4></h4><h3"),
    ("headings", "</h1>", "</h1><h1>again</h1>"),
    ("tables", '<!--[if mso]><table role="presentation"', "<!--[if mso]><table"),
    ("images", "</h1>", '</h1><img src="https://a.example/x.png">'),
    ("images", "</h1>", '</h1><img src="https://a.example/x.png" alt="" width="1" height="1">'),
    ("https", "</h1>", '</h1><img src="http://a.example/x.png" alt="">'),
    ("https", "</h1>", '</h1><a href="ftp://a.example/">A file of ours</a>'),
    ("link-words", ">Youth</a>", ">Here</a>"),
    ("link-words", ">Youth</a>", "></a>"),
    ("anchors", 'href="#theme-youth"', 'href="#nowhere"'),
    ("hidden", 'class="small" style="', 'class="small" style="display: none;'),
    ("hidden", 'class="small"', 'hidden class="small"'),
    ("small-print", "font-size: 14px", "font-size: 13.5px"),
    ("active", "</h1>", "</h1><form></form>"),
    ("active", "<h1", '<h1 onclick="x()"'),
    ("active", "@media print {", "@media print { p { background: url(x) } "),
    ("styles", "@media print {", "@media print {" + " " * 16_000),
    ("styles", "@media print {", "@media print { @media screen {} "),
    ("text", "</h1>", '</h1><a href="https://only.example/html">Only here in HTML</a>'),
]


@pytest.mark.parametrize(("rule", "replaced", "by"), BODY_FAULTS)
def test_a_fault_of_the_html_is_found_by_exactly_its_rule(rule: str, replaced: str, by: str) -> None:
    html = GOOD.html
    assert replaced in html

    found = faults_of(mail_of(html.replace(replaced, by), GOOD.text))

    assert {fault.rule for fault in found} == {rule}
    assert all(fault.fix for fault in found)


def test_a_text_with_other_links_or_no_way_out_is_found() -> None:
    more = faults_of(mail_of(GOOD.html, GOOD.text + "\nhttps://only.example/text\n"))
    lines = [line for line in GOOD.text.split("\n") if "/unsubscribe/" not in line]
    without = faults_of(mail_of(GOOD.html, "\n".join(lines)))

    assert [fault.rule for fault in more] == ["text"]
    assert {fault.rule for fault in without} == {"text", "unsubscribe"}


@pytest.mark.parametrize(
    ("rule", "replaced", "by"),
    [
        ("headers", b"Precedence: bulk", b"Precedence: bulk\r\nPrecedence: bulk"),
        ("headers", b"To: reader@example.org\r\n", b""),
        ("headers", b"Precedence: bulk", b"Precedence: bulk\r\nX-Long: " + b"y" * 999),
        ("headers", b"Precedence: bulk", b"Precedence: bulk\nX: y"),
        ("headers", b"Feedback-ID: monthly", b"Feedback-ID: =?utf-8?q?monthly?="),
        ("headers", b"Auto-Submitted: auto-generated", b"X-Auto: no"),
        ("one-click", b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", b""),
        ("structure", b"multipart/alternative", b"multipart/mixed"),
        ("structure", b"Content-Language: en", b"X-Language: en"),
    ],
)
def test_a_fault_of_header_or_structure_is_found_by_exactly_its_rule(
    rule: str, replaced: bytes, by: bytes
) -> None:
    mail = mail_of(GOOD.html, GOOD.text)
    assert replaced in mail

    assert {fault.rule for fault in faults_of(mail.replace(replaced, by, 1))} == {rule}


def test_an_installation_without_https_pages_is_told_so() -> None:
    template = prepare(edition_of(small(), public_url=None), LETTERHEAD)
    assert faults_of(template.fill(address="a@example.org", message_id="1@x.example", date=MAY))


def test_an_empty_html_part_is_found() -> None:
    assert {fault.rule for fault in faults_of(mail_of("", GOOD.text))} == {"structure"}


def test_every_rule_has_a_test_and_says_what_to_do() -> None:
    tested = {rule for rule, _, _ in BODY_FAULTS} | {
        "headers",
        "one-click",
        "structure",
        "text",
        "unsubscribe",
    }

    assert tested == set(FIXES)
    assert all(fix.endswith(".") for fix in FIXES.values())


def test_a_refusal_names_rule_edition_place_and_fix() -> None:
    bad = mail_of(GOOD.html.replace(">Youth</a>", ">Here</a>"), GOOD.text)

    refuse_faulty([("en: youth", mail_of(GOOD.html, GOOD.text))])
    with pytest.raises(
        DigestError, match=r"link-words \(en: youth\): 'Here' leads to #theme-youth\. Let a link"
    ):
        refuse_faulty([("en: youth", bad), ("fr: youth", bad)])


def test_a_publishers_page_without_tls_blocks_no_issue() -> None:
    address = re.search(r'https://[^"]+', GOOD.html.split("<h3")[1])
    assert address is not None
    plain = address[0].replace("https:", "http:")

    mail = mail_of(GOOD.html.replace(address[0], plain), GOOD.text.replace(address[0], plain))

    assert plain in GOOD.html.replace(address[0], plain)
    assert faults_of(mail) == ()

"""The rules themselves: each finds the fault that is put into a good mail."""

from datetime import UTC, datetime

import pytest

from sse_digest.digest.mail.message import prepare
from tests.digest.issues import LETTERHEAD, edition_of, small
from tests.digest.mail_rules import decode_words, html_findings, message_findings, text_findings


def good_mail() -> bytes:
    return prepare(edition_of(small()), LETTERHEAD).fill(
        address="reader@example.org",
        message_id="1@news.example.org",
        date=datetime(2023, 5, 1, tzinfo=UTC),
        unsubscribe_token="t" * 39,
    )


@pytest.mark.parametrize(
    ("found", "replaced", "by"),
    [
        ("not HTML", "</h1>", "</h1></b>"),
        ("<nav> is used", "</h1>", "</h1><nav></nav>"),
        ("<html> lacks lang or dir", '<html lang="en" dir="ltr"', '<html lang="en"'),
        ("no wrapper of role article", 'role="article"', 'role="main"'),
        ("the wrapper lacks lang, dir or aria-label", 'aria-label="', 'data-label="'),
        ("no title", "<title>", "<title></title><title>"),
        ("meta charset or color-scheme is missing", 'name="color-scheme"', 'name="colour"'),
        ("the first words are no sentence", "and Other news.", "and Other news"),
        ("headings do not begin with the only h1", "<h2", "<h1></h1><h2"),
        ("a heading level is jumped over", "<h3", "<h4></h4><h3"),
        ("an anchor lacks its name or its id", ' name="theme-youth"', ""),
        ("an id stands twice", "</h1>", '</h1><p id="theme-youth"></p>'),
        ("a link says nothing", ">Youth</a>", ">Here</a>"),
        ("a dead anchor", 'href="#theme-youth"', 'href="#nowhere"'),
        (
            "not a plain https link",
            'href="https://news.example.org/items/4"',
            'href="http://news.example.org"',
        ),
        ("a layout table without its role", '<!--[if mso]><table role="presentation"', "<!--[if mso]><table"),
        ("hidden content in <p>", 'class="small" style="', 'class="small" style="display: none;'),
        ("small print below 14 px in <p>", "font-size: 14px", "font-size: 13px"),
        ("a style mail clients do not know", "color: #17497f", "color: var(--brand)"),
        ("a script in <a>", '<a class="link"', '<a onclick="x" class="link"'),
        ("more than 16 kB of style blocks", "@media print {", "@media print {" + " " * 16_000),
        ("a nested @ rule", "@media print {", "@media print { @media screen {} "),
        ("something would be fetched", "@media print {", "@media print { p { background: url(x) } "),
        ("no style block of its own for prefers-color-scheme", "prefers-color-scheme", "prefers-contrast"),
        ("larger than 100,000 bytes", "</h1>", "</h1>" + "<p>longer</p>" * 8000),
    ],
)
def test_a_fault_in_the_html_is_found(found: str, replaced: str, by: str) -> None:
    html = edition_of(small()).html
    assert html_findings(html) == []
    assert replaced in html

    assert any(finding.startswith(found) for finding in html_findings(html.replace(replaced, by)))


@pytest.mark.parametrize(
    ("found", "text"),
    [
        ("a line of 99 columns", "word " * 19 + "word\n"),
        ("an address inside a line", "see https://news.example.org/\n"),
        ("heaps of empty lines", "a\n\n\n\nb\n"),
        ("heaps of empty lines", "a\n\n"),
    ],
)
def test_a_fault_in_the_text_is_found(found: str, text: str) -> None:
    assert any(finding.startswith(found) for finding in text_findings(text))


@pytest.mark.parametrize(
    ("found", "replaced", "by"),
    [
        ("To stands 0 times", b"To: ", b"Xo: "),
        ("Precedence stands twice", b"Precedence: bulk", b"Precedence: bulk\r\nPrecedence: bulk"),
        ("not ASCII", b"SSE Digest", "SSÉ".encode()),
        ("a bare CR or LF", b"Precedence: bulk", b"Precedence: bulk\nX: y"),
        ("a line longer than 998", b"Precedence: bulk", b"Precedence: bulk\r\nX: " + b"y" * 998),
        ("a header line of", b"SSE Digest", b"SSE Digest" * 6),
        ("List-Unsubscribe is encoded", b"<https://news.example.org/unsub", b"=?utf-8?q?https?= <https://x/"),
        ("List-Unsubscribe is not one https address", b"<https://news", b"<http://news"),
        ("List-Unsubscribe-Post is yes", b"List-Unsubscribe=One-Click", b"yes"),
        ("Message-ID is malformed", b"<1@news.example.org>", b"1@news.example.org"),
        ("answering machines are not told", b"Auto-Submitted: auto-generated", b"Auto-Submitted: no"),
        ("not multipart/alternative", b"multipart/alternative", b"multipart/mixed"),
        ("not text, then HTML", b"text/plain", b"text/x-plain"),
        ("a part without charset or language", b"Content-Language: en", b"X: en"),
        ("a body line longer than 76", b"In this issue", b"In this issue" * 8),
        (
            "text and HTML differ in links",
            b"\r\nhttps://news.example.org/items/3",
            b"\r\nhttps://other.example",
        ),
    ],
)
def test_a_fault_in_the_mail_is_found(found: str, replaced: bytes, by: bytes) -> None:
    mail = good_mail()
    assert message_findings(mail) == []
    assert replaced in mail

    assert any(finding.startswith(found) for finding in message_findings(mail.replace(replaced, by)))


def test_one_click_without_a_page_is_found() -> None:
    assert "one-click without a page of ours" in message_findings(good_mail(), one_click=False)


def test_encoded_words_are_decoded_as_the_standard_says() -> None:
    assert decode_words("=?utf-8?q?a_b?=\t =?utf-8?b?w6k=?= c") == "a bé c"
    assert decode_words("plain (=?utf-8?q?=C3=A9?=) plain") == "plain (é) plain"

"""A mail that breaks a rule is not sent: each fault is found as exactly what it is."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from sse_digest.digest.gate.check import faults_of, refuse_faulty, refuse_override, told
from sse_digest.digest.gate.rules import ALWAYS_KEPT, FIXES, WARNINGS, MailRule
from sse_digest.digest.mail.dkim import DkimSigner, make_key, read_key
from sse_digest.digest.mail.message import prepare
from sse_digest.digest.token_gaps import GAP
from sse_digest.errors import DigestError, UsageError
from tests.digest.issues import FIXTURES, LETTERHEAD, edition_of, small

MAY = datetime(2023, 5, 1, tzinfo=UTC)
SIGNER = DkimSigner("news.example.org", "s", read_key(make_key()))


def mail_of(html: str, text: str, *, signer: DkimSigner | None = SIGNER) -> bytes:
    """A mail of the program with another body, each part in one line-safe encoding."""
    gaps = ([found.start() for found in re.finditer(GAP, part)] for part in (html, text))
    html_gaps, text_gaps = map(tuple, gaps)
    edition = replace(edition_of(small()), html=html, text=text, html_gaps=html_gaps, text_gaps=text_gaps)
    return prepare(edition, LETTERHEAD, signer=signer).fill(
        address="reader@example.org", message_id="1@news.example.org", date=MAY
    )


def rules_of(mail: bytes) -> set[str]:
    faults = faults_of(mail)
    assert all(fault.place and fault.fix.endswith(".") for fault in faults)
    return {fault.rule for fault in faults}


GOOD = edition_of(small())


@pytest.mark.parametrize("language", ["en", "fr", "es", "ar"])
@pytest.mark.parametrize("fixture", FIXTURES)
def test_what_the_program_makes_passes_signed_or_not(fixture: str, language: str) -> None:
    edition = edition_of(FIXTURES[fixture](), language=language)
    for signer in (None, SIGNER):
        mail = prepare(edition, LETTERHEAD, signer=signer).fill(
            address="reader@example.org", name="Jörg", message_id="1@news.example.org", date=MAY
        )
        assert rules_of(mail) == (set() if signer else {"unsigned"})


PICTURE = '</h1><img src="https://a.example/x.png" alt="A field" width="100" height="50">'
BODY_FAULTS = [
    ("size", "</h1>", "</h1>" + "<p>longer</p>" * 8000),
    ("size-near", "</h1>", "</h1>" + "<p>longer</p>" * 6000),
    ("html", "<!DOCTYPE html>", ""),
    ("html", '<meta charset="utf-8">', ""),
    ("html", "</h1>", '</h1><p id="theme-youth"></p>'),
    ("landmarks", 'role="article"', 'role="main"'),
    ("landmarks", ' aria-label="', ' data-label="'),
    ("language", '<html lang="en"', "<html"),
    ("language", 'aria-roledescription="email"', 'aria-roledescription="email" lang=""'),
    ("language", "<title>", "<title></title><title>"),
    ("language", 'lang="fr"', 'lang="fr en"'),
    ("language", '<h3 class="title"', '<h3 dir="rtl" class="title"'),
    ("headings", "<h3", "<h4></h4><h3"),
    ("headings", "</h1>", "</h1><h1>In this issue</h1>"),
    ("tables", '<!--[if mso]><table role="presentation"', "<!--[if mso]><table"),
    ("images", "</h1>", PICTURE.replace(' alt="A field"', "")),
    ("images", "</h1>", PICTURE.replace("50", "1")),
    ("width", "</h1>", PICTURE.replace("100", "592")),
    ("images", "</h1>", PICTURE.replace(' width="100"', "")),
    ("images", "</h1>", PICTURE.replace("x.png", "x.webp")),
    ("images", "<h1", PICTURE.removeprefix("</h1>") + "<h1"),
    ("https", "</h1>", PICTURE.replace("https:", "http:")),
    ("https", "<h3", '<a class="link" href="ftp://a.example/" style="color: #17497f">A file</a><h3'),
    ("link-words", ">Youth</a>", ">Here</a>"),
    ("link-words", ">Youth</a>", "></a>"),
    ("anchors", 'href="#theme-youth"', 'href="#nowhere"'),
    ("hidden", 'class="small" style="', 'class="small" style="display: none;'),
    ("hidden", 'class="small"', 'hidden class="small"'),
    ("first-words", "and Other news.", "and Other news"),
    ("small-print", "font-size: 14px", "font-size: 13.5px"),
    ("small-print", "font-size: 16px", "font-size: 15px"),
    ("small-print", "font-size: 16px", "font-size: 90%"),
    ("contrast", "color: #1b222b", "color: #cccccc"),
    ("contrast", "color: #b1b8c0 !important", "color: #303030 !important"),
    ("dark", "prefers-color-scheme: dark", "prefers-color-scheme: light"),
    ("dark", 'name="color-scheme"', 'name="colour-scheme"'),
    ("width", "<td ", '<td width="640" '),
    ("width", "max-width: 640px", "width: 640px"),
    ("active", "</h1>", "</h1><form></form>"),
    ("active", "<h1", '<h1 onclick="x()"'),
    ("active", "@media print {", "@media print { p { background: url(x) } "),
    ("elements", "</h1>", "</h1><section>In this issue</section>"),
    ("elements", "<!--[if mso]>", "<!--[if mso]><v:rect></v:rect>"),
    ("styles", "@media print {", "@media print {" + " " * 16_000),
    ("styles", "@media print {", "@media print { @media screen {} "),
    ("styles", "@media print {", "@media paper {"),
    ("css", "margin: 0 auto;", "margin-inline: auto;"),
    ("css", "margin: 0 auto;", "display: flex;"),
    ("text", "<h3", '<a class="link" href="https://only.example/" style="color: #17497f">In HTML</a><h3'),
    ("text", "</h2>", " and what the text lacks</h2>"),
]


@pytest.mark.parametrize(("rule", "replaced", "by"), BODY_FAULTS)
def test_a_fault_of_the_html_is_found_by_exactly_its_rule(rule: str, replaced: str, by: str) -> None:
    html = GOOD.html
    assert replaced in html

    assert rules_of(mail_of(html.replace(replaced, by, 1 if "<h" in replaced else -1), GOOD.text)) == {rule}


def test_a_token_in_any_attribute_or_header_is_found() -> None:
    picture = f'<img src="https://evil.example/1.png?open={GAP}" width="1" height="1" alt="" border="0">'
    html = GOOD.html.replace("</h1>", f"</h1>{picture}", 1)
    assert "privacy" in rules_of(mail_of(html, GOOD.text))
    token = b"thisisatestmail222222222222222222222222"
    mail = mail_of(GOOD.html, GOOD.text)
    assert token in mail
    assert "privacy" in rules_of(b"X-Campaign: " + token + b"\r\n" + mail)


BOTH_FAULTS = [  # what stands in both parts, and what is put in its place
    ("shorteners", "https://news.example.org/items/4", "https://bit.ly/4"),
    ("https", "https://news.example.org/items/4", "http://news.example.org/items/4"),
    ("privacy", "https://news.example.org/items/4", "https://news.example.org/?reader%40example.org"),
    ("privacy", "https://news.example.org/items/4", f"https://news.example.org/{GAP}"),
    ("why", "digest@news.example.org", "the editors"),
]


@pytest.mark.parametrize(("rule", "replaced", "by"), BOTH_FAULTS)
def test_a_fault_of_both_parts_is_found_by_exactly_its_rule(rule: str, replaced: str, by: str) -> None:
    assert replaced in GOOD.html
    assert replaced in GOOD.text

    assert rules_of(mail_of(GOOD.html.replace(replaced, by), GOOD.text.replace(replaced, by))) == {rule}


def test_a_text_with_other_links_or_no_way_out_is_found() -> None:
    more = rules_of(mail_of(GOOD.html, GOOD.text + "\nhttps://only.example/text\n"))
    lines = [line for line in GOOD.text.split("\n") if "/unsubscribe/" not in line]
    neither = GOOD.html.replace("/unsubscribe/" + GAP, "/unsubscribe")

    assert more == {"text"}
    assert rules_of(mail_of(neither, "\n".join(lines) + "\nhttps://news.example.org/unsubscribe\n")) == {
        "unsubscribe"
    }


SIGNED = b"DKIM-Signature: v=1; a=rsa-sha256;"
HEADER_FAULTS = [
    ("headers", b"Precedence: bulk", b"Precedence: bulk\r\nPrecedence: bulk"),
    ("headers", b"To: reader@example.org\r\n", b""),
    ("headers", b"Precedence: bulk", b"Precedence: bulk\r\nX-Long: " + b"y" * 999),
    ("headers", b"Precedence: bulk", b"Precedence: bulk\nX: y"),
    ("headers", b"Feedback-ID: monthly", b"Feedback-ID: =?utf-8?q?monthly?="),
    ("headers", b"Message-ID: <1@", b"Message-ID: <1"),
    ("sender", b"digest@news.example.org>", b"digest@news.example.org>, b@example.org"),
    ("sender", b"To: reader@example.org", b"To: reader@example.org, b@example.org"),
    ("sender", b"From: SSE Digest", b"From: =?utf-8?b?8J+OiSBTU0U=?="),
    ("sender", b"From: SSE Digest", b'From: "SSE digest@news.example.org"'),
    ("sender", b"To: reader@example.org", b"To: SSE <reader@example.org>"),
    ("subject", b"Subject: ", b"Subject: ...\r\nX-Subject: "),
    ("list", b"List-Id: News on Social and Solidarity Economy <sse.", b"List-Id: <sse_"),
    ("list", b"List-Post: NO", b"List-Post: YES"),
    ("list", b"List-Post: NO\r\n", b""),
    ("list", b"Feedback-ID: monthly-2023-04:", b"Feedback-ID: "),
    ("list", b"List-Owner: <mailto:", b"List-Owner: <mailto:" + b"x" * 64),
    ("silence", b"Auto-Submitted: auto-generated", b"X-Auto: no"),
    ("silence", b"Precedence: bulk", b"Precedence: list"),
    ("one-click", b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", b""),
    ("one-click", b"List-Unsubscribe: <", b"List-Unsubscribe: <mailto:stop@news.example.org>, <"),
    ("signature", SIGNED, b"DKIM-Signature: v=1; a=rsa-sha1;"),
    ("signature", SIGNED, SIGNED + b" l=100;"),
    ("signature", b"d=news.example.org;", b"d=other.example;"),
    ("signature", b":Message-ID:", b":X:"),
    ("signature", b"List-Unsubscribe-Post;", b"X;"),
    ("signature", b" bh=", b" bh=x"),
    ("unsigned", b"DKIM-Signature:", b"X-DKIM-Signature:"),
    ("structure", b"multipart/alternative", b"multipart/mixed"),
    ("structure", b"Content-Language: en", b"X-Language: en"),
    ("structure", b"Content-Language: en", b"Content-Disposition: attachment\r\nContent-Language: en"),
]


@pytest.mark.parametrize(("rule", "replaced", "by"), HEADER_FAULTS)
def test_a_fault_of_header_or_structure_is_found_by_exactly_its_rule(
    rule: str, replaced: bytes, by: bytes
) -> None:
    mail = mail_of(GOOD.html, GOOD.text)
    changed = mail.replace(replaced, by, 1)
    assert changed != mail

    assert rules_of(changed) == {rule}


def test_an_installation_without_https_pages_is_told_so() -> None:
    template = prepare(edition_of(small(), public_url=None), LETTERHEAD)
    assert faults_of(template.fill(address="a@example.org", message_id="1@x.example", date=MAY))


def test_an_empty_html_part_is_found() -> None:
    assert {fault.rule for fault in faults_of(mail_of("", GOOD.text))} == {"structure"}


def test_every_rule_has_a_test_and_says_what_to_do() -> None:
    tested = {rule for rule, _, _ in (*BODY_FAULTS, *BOTH_FAULTS)} | {rule for rule, _, _ in HEADER_FAULTS}

    assert tested | {"unsubscribe", "dead-links"} == set(FIXES)
    assert set(FIXES) > WARNINGS | ALWAYS_KEPT
    assert all(fix.endswith(".") for fix in FIXES.values())


def test_a_refusal_names_rule_edition_place_and_fix() -> None:
    bad = mail_of(GOOD.html.replace(">Youth</a>", ">Here</a>"), GOOD.text)

    refuse_faulty([("en: youth", mail_of(GOOD.html, GOOD.text))])
    with pytest.raises(
        DigestError,
        match=r"\n  link-words: Use link text .*\n    'Here' links to #theme-youth \(en: youth\)$",
    ):
        refuse_faulty([("en: youth", bad), ("fr: youth", bad)])
    refuse_faulty([("en: youth", bad)], {"link-words"})
    refuse_faulty([("en: youth", mail_of(GOOD.html, GOOD.text, signer=None))])  # that only warns


def test_many_places_of_one_rule_are_said_in_few_lines() -> None:
    found = {MailRule(rule="contrast", place=f"place {number}"): "en" for number in range(42)}
    found |= {MailRule(rule="width", place="a table"): "fr"}

    assert list(told(found, lambda fault: f"{len(fault.rule)} ")) == [
        "8 contrast: Choose colours with a contrast of at least 4.5 in digest.css and styles/dark.css.",
        *(f"  place {number} (en)" for number in range(5)),
        "  and 37 more",
        "5 width: Set widths in percent or with max-width; small phones are 320 px wide.",
        "  a table (fr)",
    ]


@pytest.mark.parametrize(
    ("rule", "why", "said"),
    [
        (
            "no-such-rule",
            "because",
            "There is no rule 'no-such-rule' to override. Known: active",
        ),
        ("unsigned", "because", "There is no rule 'unsigned'"),
        ("one-click", "because", "cannot be overridden: a mail that breaks it harms its readers"),
        ("width", " ", "Give the reason"),
    ],
)
def test_what_protects_readers_is_never_overridden_and_nothing_without_a_reason(
    rule: str, why: str, said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        refuse_override(rule, why)
    refuse_override("width", "the picture is meant to be wide")


def test_html_without_a_body_is_found() -> None:
    assert rules_of(mail_of("<!-- nothing -->", GOOD.text)) == {"structure"}


def test_a_publishers_page_without_tls_blocks_no_issue() -> None:
    address = re.search(r'https://[^"]+', GOOD.html.split("<h3")[1])
    assert address is not None
    plain = "http://publisher.example/"

    mail = mail_of(GOOD.html.replace(address[0], plain), GOOD.text.replace(address[0], plain))

    assert plain in GOOD.html.replace(address[0], plain)
    assert faults_of(mail) == ()

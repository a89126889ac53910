"""No text from outside gets a recipient's token, whatever it holds."""

import email
import email.policy
import re
import shutil
from html import escape
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sse_digest.digest.edition import Edition, render_edition
from sse_digest.digest.mail.message import prepare
from sse_digest.digest.token_gaps import GAP, TokenLink, marker_for, parts_of
from sse_digest.errors import DigestError
from sse_digest.model.signed_tokens import TOKEN_LENGTH
from tests.builders import NOON, make_item
from tests.digest.issues import DIGEST, LABELS, LETTERHEAD, TEMPLATES, edition_of, issue_of, small

KEY = b"a key of the tests"
TOKEN = "abcdefghijklmnopqrstuvwxyz234567abcdefg"
NESTED = GAP[:5] + GAP + GAP[5:]
OURS = "https://news.example.org/unsubscribe/"
CHUNKS = st.sampled_from(
    [
        *(GAP, NESTED, GAP.lower(), quote(quote(GAP)), escape(GAP.replace("_", "&#95;"))),
        *(f"{OURS}{GAP}", "{{ sender.unsubscribe_url }}", "\u200b", "_", "<b>", "&amp;", " ", "x"),
        marker_for(b"another key", ("monthly",), ""),
    ]
)
TEXTS = st.lists(CHUNKS, max_size=5).map("".join)


def filled(edition: Edition) -> str:
    """Return the headers and both decoded parts of a mail."""
    mail = prepare(edition, LETTERHEAD).fill(
        address="reader@example.org", message_id="1@news.example.org", date=NOON, unsubscribe_token=TOKEN
    )
    message = email.message_from_bytes(mail, policy=email.policy.default)
    parts = [part.get_content() for part in message.iter_parts()]
    return "\n".join([*(str(value) for value in message.values()), *parts])


@given(title=TEXTS, summary=TEXTS, kicker=TEXTS, place=TEXTS, path=TEXTS, credit=TEXTS, alt=TEXTS)
def test_only_our_own_address_gets_the_token(
    title: str, summary: str, kicker: str, place: str, path: str, credit: str, alt: str
) -> None:
    item = make_item(
        1,
        title=title or None,
        summary=summary or None,
        kicker=kicker or None,
        place=place or None,
        link=f"https://evil.example/{quote(path, safe='?=&;#')}",
        image_url=f"https://evil.example/1.png?open={path}",
        image_alt=alt or "a",
        credit=f"© {credit}",
    )
    edition = edition_of(issue_of([item]))
    mail = filled(edition)

    assert mail.count(TOKEN) == mail.count(OURS + TOKEN) == 3  # header, text and HTML
    for text, gaps in ((edition.html, edition.html_gaps), (edition.text, edition.text_gaps)):
        assert all(part.endswith(OURS) for part in parts_of(text, gaps)[:-1])


def test_a_marker_is_none_that_occurs_in_what_is_rendered() -> None:
    first = marker_for(KEY, ("monthly", "2023-04"), "")
    assert re.fullmatch(r"[a-z2-7]+", first)
    assert len(first) == TOKEN_LENGTH
    for hostile in (first, first.upper(), quote(first), "".join(f"&#{ord(sign)};" for sign in first)):
        assert marker_for(KEY, ("monthly", "2023-04"), f"news {hostile}") != first
    assert marker_for(KEY, ("monthly", "2023-05"), "") != first
    assert marker_for(b"another", ("monthly", "2023-04"), "") != first


def test_gaps_are_where_the_link_was_written() -> None:
    link = TokenLink(OURS, marker_for(KEY, (), ""))
    rendered = f"a {link} b {link}"
    text = link.gapped(rendered)
    assert text.parts() == (f"a {OURS}", f" b {OURS}", "")
    assert [text.text[gap : gap + TOKEN_LENGTH] for gap in text.gaps] == [GAP, GAP]
    assert all(before < after for before, after in pairwise(text.gaps))


@pytest.mark.parametrize(
    "written", ["{{ sender.unsubscribe_url | string | reverse }}", "{{ (sender.unsubscribe_url ~ '') * 2 }}"]
)
def test_a_template_that_changes_or_copies_the_address_is_refused(tmp_path: Path, written: str) -> None:
    templates = tmp_path / "email"
    shutil.copytree(TEMPLATES, templates)
    for path in (templates / "footer.html", templates / "digest.txt"):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("{{ sender.unsubscribe_url }}", written), encoding="utf-8")
    with pytest.raises(DigestError, match="changes or copies the unsubscribe address"):
        render_edition(
            small(),
            DIGEST,
            language="en",
            themes=(),
            theme_labels=LABELS,
            letterhead=LETTERHEAD,
            templates=templates,
            secret_key=KEY,
        )


def test_no_byte_depends_on_the_key() -> None:
    def rendered(key: bytes) -> Edition:
        return render_edition(
            small(),
            DIGEST,
            language="fr",
            themes=(),
            theme_labels=LABELS,
            letterhead=LETTERHEAD,
            templates=TEMPLATES,
            secret_key=key,
        )

    assert rendered(b"one") == rendered(b"another")

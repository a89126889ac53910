"""Many subjects, names and mails, beside decoders and a reference that share nothing with their writer."""

import base64
import hashlib
import random
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Literal

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from sse_digest.digest.mail import headers
from sse_digest.digest.mail.dkim import DkimSigner, make_key, read_key
from sse_digest.digest.mail.encoding import encode
from sse_digest.digest.mail.message import prepare
from sse_digest.digest.token_gaps import parts_of
from sse_digest.rendering.sanitize_text import clean
from tests.digest.issues import FIXTURES, LETTERHEAD, edition_of
from tests.digest.mail_rules import bodies, decode_words, header_fields

SCRIPTS = (
    *("abcdefghijklmnopqrstuvwxyz ", "ABC XYZ 0123456789 .,;:!?()<>\"'\\@=_-&%#", "éüñçøåßœ "),
    *(
        "αβγδε ",
        "бвгдж ",
        "אבגדה ",
        "ابجدهوز ",
        "कखगघ ",
        "汉字新闻 ",
        "かなカナ ",
        "한국어 ",
        "ไทย ",
        "🎉👩‍👩‍👧🏳️‍🌈 ",
    ),
    "\u0301\u200d\u200f\u00a0\u2019–…",
)
SIGNER = DkimSigner("news.example.org", "s", read_key(make_key()))


def words(chance: random.Random) -> str:
    """A subject or name in one to four scripts."""
    return "".join(
        chance.choice(script)
        for script in chance.choices(SCRIPTS, k=chance.randint(1, 4))
        for _ in range(chance.randint(1, 40))
    )


def test_subjects_and_names_in_mixed_scripts_survive_a_round_trip(
    effort: Literal["ci", "full"], proof: Callable[[str, str], None]
) -> None:
    chance, count = random.Random(5), 3_000 if effort == "full" else 300
    for _ in range(count):
        text = words(chance)
        [(_, subject)] = header_fields(headers.words("Subject", text).removesuffix(b"\r\n"))
        line = headers.mailbox("To", text, "reader@example.org")
        [(_, mailbox)] = header_fields(line.removesuffix(b"\r\n"))
        phrase = mailbox.removesuffix("<reader@example.org>").strip()
        quoted = re.fullmatch(r'"((?:[^"\\]|\\.)*)"', phrase)

        assert decode_words(subject) == clean(text)
        if clean(text):
            assert (re.sub(r"\\(.)", r"\1", quoted[1]) if quoted else decode_words(phrase)) == clean(text)
        assert max(map(len, line.split(b"\r\n"))) <= 76
    proof("Subjects and names through an independent decoder", f"{count} of each, none changed")


def signed_slowly(mail: bytes) -> bytes:
    """The signature a mail ought to have, from RFC 6376 alone and from nothing that was prepared."""
    head, _, body = mail.partition(b"\r\n\r\n")
    unfolded = [
        re.split(rb":", line, maxsplit=1) for line in re.sub(rb"\r\n(?=[ \t])", b"", head).split(b"\r\n")
    ]
    fields = {name.strip().lower(): b" ".join(value.split()) for name, value in unfolded}
    own = fields.pop(b"dkim-signature")
    lines = [re.sub(rb"[ \t]+", b" ", line).rstrip(b" ") for line in body.split(b"\r\n")]
    while lines and not lines[-1]:
        lines.pop()
    body_hash = base64.b64encode(hashlib.sha256(b"".join(line + b"\r\n" for line in lines)).digest())
    assert b"bh=" + body_hash + b";" in own.replace(b" ", b"").replace(b"bh=", b"bh=")
    listed = re.sub(rb"\s", b"", re.search(rb" h=([^;]+);", own)[1]).lower().split(b":")  # type: ignore[index] # it is there
    data, used = b"", set()
    for name in listed:
        if name in fields and name not in used:
            data += name + b":" + fields[name] + b"\r\n"
        used.add(name)
    data += b"dkim-signature:" + re.sub(rb"( b=).*", rb"\1", own).rstrip()
    return base64.b64encode(SIGNER.key.sign(data, padding.PKCS1v15(), hashes.SHA256()))


def test_the_fast_path_gives_what_a_slow_reference_gives(
    effort: Literal["ci", "full"], proof: Callable[[str, str], None]
) -> None:
    chance, count = random.Random(6), 10_000 if effort == "full" else 100
    editions = [edition_of(make(), language=tag) for make in FIXTURES.values() for tag in ("en", "fr", "ar")]
    prepared = [(one, prepare(one, LETTERHEAD, signer=SIGNER)) for one in editions]
    for number in range(count):
        edition, template = chance.choice(prepared)
        token = "".join(chance.choices("abcxyz27", k=39))
        mail = template.fill(
            address=f"reader.{number}@example.org",
            name=words(chance),
            message_id=f"{number}@news.example.org",
            date=datetime(2023, 5, 1, tzinfo=UTC) + timedelta(seconds=number),
            unsubscribe_token=token,
        )
        text = token.join(parts_of(edition.text, edition.text_gaps))
        html = token.join(parts_of(edition.html, edition.html_gaps))

        assert bodies(mail) == (text, html)
        # As if every mail were written from its beginning, its token in it before anything is encoded.
        assert encode(text.split(token)).fill(token.encode()) in mail
        assert encode(html.split(token)).fill(token.encode()) in mail
        given = re.search(rb"; b=((?:[^\r]|\r\n )+)\r\n[A-Z]", re.sub(rb";\r\n b=", b"; b=", mail))
        assert given is not None
        assert re.sub(rb"\s", b"", given[1]) == signed_slowly(mail)
    proof("Mails of the fast path beside a slow reference", f"{count} mails, no byte differs")


@pytest.mark.parametrize("name", FIXTURES)
def test_an_edition_rendered_again_gives_the_archived_mail(name: str) -> None:
    def mail() -> bytes:
        return prepare(edition_of(FIXTURES[name](), language="ar"), LETTERHEAD, signer=SIGNER).fill(
            address="reader@example.org",
            message_id="1@news.example.org",
            date=datetime(2023, 5, 1, tzinfo=UTC),
        )

    assert mail() == mail()

"""Addresses beyond ASCII: what an import takes can be written, signed, handed over and read again."""

import asyncio
import smtplib
from datetime import UTC, datetime
from email import message_from_string
from email.policy import SMTPUTF8

import dkim
import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from sse_digest.audience.email_address import normalise
from sse_digest.delivery.smtp import envelope
from sse_digest.digest.mail import headers
from sse_digest.digest.mail.dkim import DkimSigner, make_key, read_key, record_of
from sse_digest.digest.mail.message import prepare
from sse_digest.errors import DigestError
from tests.digest.issues import LETTERHEAD, edition_of, small

KEY = read_key(make_key())
SIGNER = DkimSigner("news.example.org", "digest", KEY)
TYPED = (  # as people write them, and the part behind the @ as it travels
    ("jörg@bücher.example.org", "xn--bcher-kva.example.org"),
    ("用户@例子.广告", "xn--fsqu00a.xn--4rr70v"),
    ("منى.سعيد+sse@example.org", "example.org"),
    ("o'connor_éire@EXAMPLE.org", "example.org"),
    ("\u0905\u0928\u0941@example.org", "example.org"),
    ("anna@bücher.example.org", "xn--bcher-kva.example.org"),
)


def mail_to(address: str, name: str | None = "Jörg") -> bytes:
    template = prepare(edition_of(small()), LETTERHEAD, signer=SIGNER)
    return template.fill(
        address=address, name=name, message_id="1@news.example.org", date=datetime(2023, 5, 1, tzinfo=UTC)
    )


@pytest.mark.parametrize(("typed", "domain"), TYPED)
def test_an_address_that_an_import_takes_is_read_again_as_it_was(typed: str, domain: str) -> None:
    address = normalise(typed).address
    mail = mail_to(address)
    [found] = message_from_string(mail.decode(), policy=SMTPUTF8)["To"].addresses

    assert address.endswith(f"@{domain}")
    assert (found.addr_spec, found.display_name) == (address, "Jörg")
    # Nothing but To is beyond ASCII, and only where it must be: any other relay takes an A-label.
    beyond = [line for line in mail.split(b"\r\n") if not line.isascii()]
    assert len(beyond) == (0 if address.isascii() else 1)
    assert all(line.endswith(f" <{address}>".encode()) for line in beyond)


@pytest.mark.parametrize(("typed", "_domain"), TYPED)
def test_its_signature_is_valid(typed: str, _domain: str) -> None:
    assert dkim.verify(mail_to(normalise(typed).address), dnsfunc=lambda *_, **__: record_of(KEY).encode())


@pytest.mark.parametrize(("typed", "_domain"), TYPED)
def test_its_envelope_asks_for_what_its_content_needs(typed: str, _domain: str) -> None:
    address = normalise(typed).address
    content = envelope.content_of(mail_to(address))
    route = envelope.Envelope("bounces@news.example.org", address)
    able = envelope.Extensions(utf8=True, eight_bit=True)

    assert content.is_ascii == address.isascii()
    assert (b"SMTPUTF8" in able.mail(route, content)) != content.is_ascii
    assert (envelope.Extensions().refusal(route) is None) == content.is_ascii


class Inbox:
    """Keeps what it was given."""

    def __init__(self) -> None:
        self.contents: list[bytes] = []

    async def handle_DATA(self, _server: SMTP, _session: Session, taken: Envelope) -> str:  # noqa: N802 # its name
        self.contents.append(taken.original_content or b"")
        return "250 OK"


async def test_a_relay_that_knows_such_addresses_takes_the_mail_byte_for_byte() -> None:
    inbox, address = Inbox(), normalise("用户@例子.广告").address
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(inbox, enable_SMTPUTF8=True), "127.0.0.1", 0
    )
    port = server.sockets[0].getsockname()[1]

    def send() -> None:
        with smtplib.SMTP("127.0.0.1", port) as client:
            options = ["SMTPUTF8", "BODY=8BITMIME"]
            client.sendmail("bounces@news.example.org", [address], mail_to(address), options)

    await asyncio.to_thread(send)
    server.close()

    assert inbox.contents == [mail_to(address)]


@pytest.mark.parametrize(
    "address",
    [
        *("jö rg@example.org", "jörg.@example.org", "jörg<@example.org", "é\r\nBcc: b@example.org"),
        *("é\u202e@example.org", "é\u2028@example.org", "\ud800@example.org", "é\u00a0@example.org"),
        *("é@bücher.example", "a@bücher.example", "é@", "é", "é" * 33 + "@example.org"),
    ],
)
def test_what_would_be_read_otherwise_is_refused(address: str) -> None:
    with pytest.raises(DigestError, match=r"is not an e-mail address|cannot be written in SMTP"):
        headers.recipient("Ann", address)


def test_the_sender_stays_ascii_so_that_every_relay_takes_the_mail() -> None:
    with pytest.raises(DigestError, match="cannot be written in SMTP"):
        headers.mailbox("From", "Jörg", "jörg@example.org")

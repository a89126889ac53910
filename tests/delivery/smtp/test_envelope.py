"""How MAIL and RCPT are written for what a relay offers."""

from pathlib import Path

import pytest

from sse_digest.delivery.smtp.envelope import Envelope, Extensions, content_of, needs_utf8, xtext
from sse_digest.errors import DeliveryError
from sse_digest.model.deliveries import Verdict
from sse_digest.store import Store
from tests.delivery.ground import Ground, everybody, plan
from tests.smtp_server import listening, recipients

ENVELOPE = Envelope("bounces@example.org", "ana+news@example.net", "1.a=b@example.org")
CONTENT = content_of(b"Subject: x\r\n\r\nbody\r\n")
EIGHT_BIT = content_of("Subject: x\r\n\r\nbödy\r\n".encode())


@pytest.fixture
def ground(store: Store, tmp_path: Path) -> Ground:
    return Ground(store, tmp_path / "senders")


def test_without_extensions_only_the_addresses_are_written() -> None:
    assert Extensions().mail(ENVELOPE, EIGHT_BIT) == b"MAIL FROM:<bounces@example.org>"
    assert Extensions().rcpt(ENVELOPE) == b"RCPT TO:<ana+news@example.net>"


def test_size_and_eight_bits_are_declared_where_they_are_offered_and_needed() -> None:
    offers = Extensions(size=True, eight_bit=True)

    assert offers.mail(ENVELOPE, CONTENT).endswith(b"> SIZE=%d" % CONTENT.size_bytes)
    assert offers.mail(ENVELOPE, EIGHT_BIT).endswith(b" BODY=8BITMIME")


def test_reports_are_asked_for_failures_only_and_name_the_message() -> None:
    offers = Extensions(dsn=True)

    assert offers.mail(ENVELOPE, CONTENT) == (
        b"MAIL FROM:<bounces@example.org> RET=HDRS ENVID=1.a+3Db@example.org"
    )
    assert offers.rcpt(ENVELOPE) == (
        b"RCPT TO:<ana+news@example.net> NOTIFY=FAILURE ORCPT=rfc822;ana+2Bnews@example.net"
    )


def test_an_envelope_without_id_asks_for_reports_without_one() -> None:
    assert Extensions(dsn=True).mail(Envelope("a@b.example", "c@d.example"), CONTENT).endswith(b" RET=HDRS")


@pytest.mark.parametrize(
    ("text", "written"), [("a+b", "a+2Bb"), ("a=b", "a+3Db"), ("a b", "a+20b"), ("!~", "!~")]
)
def test_xtext_writes_what_could_end_a_parameter_as_hex(text: str, written: str) -> None:
    assert xtext(text) == written


def test_an_address_beyond_ascii_is_written_only_for_a_relay_that_reads_it() -> None:
    envelope = Envelope("bounces@example.org", "jörg@example.net")
    able = Extensions(utf8=True, eight_bit=True, dsn=True)

    assert needs_utf8(envelope)
    assert b" BODY=8BITMIME SMTPUTF8" in able.mail(envelope, CONTENT)
    assert able.rcpt(envelope) == "RCPT TO:<jörg@example.net> NOTIFY=FAILURE".encode()
    assert able.refusal(envelope) is None

    refusal = Extensions().refusal(envelope)
    assert refusal is not None
    assert refusal.verdict is Verdict.REJECTED
    assert "SMTPUTF8" in refusal.text
    with pytest.raises(DeliveryError, match="SMTPUTF8"):
        Extensions().mail(envelope, CONTENT)


@pytest.mark.parametrize(
    "address",
    ["jörg @example.net", "jörg\r\n@example.net", "jörg\u2028@x.example", "<jörg@x.example>", "jörg"],
)
def test_letters_beyond_ascii_open_no_way_to_end_a_command(address: str) -> None:
    with pytest.raises(DeliveryError):
        Extensions(utf8=True).mail(Envelope("a@example.org", address), CONTENT)


def test_an_id_beyond_ascii_is_never_written() -> None:
    with pytest.raises(DeliveryError, match="id"):
        Extensions(dsn=True).mail(Envelope("a@example.org", "b@example.net", "ä@example.org"), CONTENT)


def test_a_line_end_between_two_pieces_is_one() -> None:
    content = content_of(b"Subject: x\r", b"\n\r\nbody\r\n", b".", b".\r\n")

    assert b"".join(content.pieces) == b"Subject: x\r\n\r\nbody\r\n..\r\n"
    assert b"".join(content.doubled()) == b"Subject: x\r\n\r\nbody\r\n...\r\n.\r\n"


async def test_a_relay_that_reports_is_asked_for_failures_of_each_message(ground: Ground) -> None:
    ehlo = "250-test\r\n250-PIPELINING\r\n250-DSN\r\n250 SIZE 1000000"
    plan(ground.store, 3)
    async with listening(EHLO=ehlo) as server:
        report = await ground.send(server, connections=1)

    assert report.is_clean
    assert sorted(recipients(server)) == everybody(3)
    mails = [command for command in server.commands if command.startswith("MAIL")]
    assert sorted(mail.partition("ENVID=")[2] for mail in mails) == [f"{n}@example.org" for n in (1, 2, 3)]
    asked = [command for command in server.commands if command.startswith("RCPT")]
    assert all(" NOTIFY=FAILURE ORCPT=rfc822;p" in command for command in asked)

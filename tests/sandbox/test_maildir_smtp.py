"""The demo's SMTP server keeps what it takes, byte for byte."""

from pathlib import Path

from sse_digest.delivery.options import Security
from sse_digest.delivery.smtp.connect import SmtpRelay
from sse_digest.delivery.smtp.envelope import Envelope, content_of
from sse_digest.sandbox.maildir_smtp import mail_server
from tests.options import relay_options


async def test_messages_are_kept_in_the_order_they_were_taken(tmp_path: Path) -> None:
    contents = [f"Subject: {n}\r\n\r\n.dot\r\n\xe9\r\n".encode() for n in range(3)]
    async with mail_server(tmp_path / "box") as port:
        relay = SmtpRelay(relay_options(host="127.0.0.1", port=port, security=Security.NONE))
        async with await relay.open() as session:
            for content in contents:
                await session.submit(Envelope("a@example.org", "b@example.net"), content_of(content))

    kept = sorted((tmp_path / "box" / "new").iterdir())
    assert [path.read_bytes() for path in kept] == contents

"""Connections that are protected: real certificates, real handshakes."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import trustme
from aiosmtpd.smtp import SMTP, Session
from aiosmtpd.smtp import Envelope as Received

from sse_digest.delivery.options import Security
from sse_digest.delivery.smtp.connect import SmtpRelay
from sse_digest.delivery.smtp.envelope import Envelope, content_of
from sse_digest.delivery.smtp.unavailable import RelayUnavailableError
from sse_digest.model.deliveries import Phase, Verdict
from tests.loopback import loopback
from tests.options import relay_options, relay_timeouts

AUTHORITY = trustme.CA()


@dataclass
class Handler:
    """Notes what came over a protected connection."""

    protected: list[bool] = field(default_factory=list)

    async def handle_DATA(  # noqa: N802 # aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Received
    ) -> str:
        del envelope
        assert server.transport is not None
        at_once = server.transport.get_extra_info("ssl_object") is not None
        self.protected.append(session.ssl is not None or at_once)
        return "250 2.0.0 taken"


@dataclass(frozen=True)
class TlsServer:
    """A server that protects its connections."""

    port: int
    handler: Handler


@asynccontextmanager
async def protecting(host: str, *, at_once: bool) -> AsyncIterator[TlsServer]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    AUTHORITY.issue_cert(host).configure_cert(context)
    handler = Handler()

    def session() -> SMTP:
        later = None if at_once else context
        return SMTP(handler, hostname="test", tls_context=later, require_starttls=not at_once)

    loop = asyncio.get_running_loop()
    listening = await loop.create_server(session, "127.0.0.1", 0, ssl=context if at_once else None)
    try:
        yield TlsServer(listening.sockets[0].getsockname()[1], handler)
    finally:
        listening.close()
        await listening.wait_closed()


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this process trust the test's authority, as a system's store would."""
    AUTHORITY.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))


def relay_to(
    server: TlsServer,
    security: Security,
    *,
    verify: bool = True,
    ca_file: Path | None = None,
    patience_s: float = 5,
) -> SmtpRelay:
    fast = relay_timeouts(connect_s=patience_s, command_s=5, data_s=5, content_s=5, quit_s=1)
    return SmtpRelay(
        relay_options(
            host="127.0.0.1",
            port=server.port,
            security=security,
            helo="test",
            verify_certificate=verify,
            ca_file=ca_file,
            timeouts=fast,
        )
    )


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
async def test_messages_go_over_a_protected_connection(security: Security) -> None:
    content = b"Subject: x\r\n\r\n" + b"news\r\n" * 20_000
    async with (
        protecting("127.0.0.1", at_once=security is Security.TLS) as server,
        await relay_to(server, security).open() as session,
    ):
        for number in range(3):
            outcome = await session.submit(
                Envelope("a@example.org", f"p{number}@example.net"), content_of(content)
            )
            assert outcome.verdict is Verdict.ACCEPTED

    assert server.handler.protected == [True] * 3


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize(
    ("security", "phase"), [(Security.STARTTLS, Phase.STARTTLS), (Security.TLS, Phase.CONNECT)]
)
async def test_a_certificate_for_another_host_is_refused(security: Security, phase: Phase) -> None:
    async with protecting("other.example", at_once=security is Security.TLS) as server:
        opening = relay_to(server, security).open()
        with pytest.raises(RelayUnavailableError, match=r"smtp\.security") as caught:
            await opening

    assert caught.value.refused
    assert caught.value.phase is phase
    assert server.handler.protected == []


async def test_an_unknown_authority_is_refused_unless_certificates_are_not_checked() -> None:
    async with protecting("127.0.0.1", at_once=True) as server:
        with pytest.raises(RelayUnavailableError, match="certificate"):
            await relay_to(server, Security.TLS).open()

        async with await relay_to(server, Security.TLS, verify=False).open() as session:
            outcome = await session.submit(
                Envelope("a@example.org", "b@example.net"), content_of(b"Subject: x\r\n\r\n")
            )

    assert outcome.verdict is Verdict.ACCEPTED


@pytest.mark.usefixtures("trusted")
async def test_what_was_slipped_in_before_the_protection_is_thrown_away() -> None:
    """Somebody in the middle may write behind the clear answer; nothing of it counts (RFC 3207 section 6)."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    AUTHORITY.issue_cert("127.0.0.1").configure_cert(context)
    heard: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 test\r\n")
        while line := await reader.readline():
            heard.append(line.split()[0].upper())
            if heard[-1] == b"STARTTLS":
                writer.write(b"220 go on\r\n250-evil\r\n250-PIPELINING\r\n250 CHUNKING\r\n250 2.1.0 ok\r\n")
                await writer.start_tls(context)
            elif heard[-1] == b"DATA":
                writer.write(b"354 go on\r\n")
                await reader.readuntil(b"\r\n.\r\n")
                writer.write(b"250 2.0.0 taken\r\n")
            elif heard[-1] == b"EHLO":
                writer.write(b"250-test\r\n250 STARTTLS\r\n" if len(heard) == 1 else b"250 test\r\n")
            else:
                writer.write(b"250 ok\r\n" if heard[-1] != b"RCPT" else b"550 5.1.1 no such user\r\n")
        writer.close()

    async with loopback(serve) as port:
        relay = relay_to(TlsServer(port, Handler()), Security.STARTTLS)
        async with await relay.open() as session:
            outcome = await session.submit(
                Envelope("a@example.org", "b@example.net"), content_of(b"Subject: x\r\n\r\n")
            )

    assert outcome.verdict is Verdict.REJECTED  # its own answer, not one that was slipped in
    # Its offers were asked for again, under protection.
    assert heard[:5] == [b"EHLO", b"STARTTLS", b"EHLO", b"MAIL", b"RCPT"]


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
async def test_a_ca_file_is_trusted_and_nothing_else_is(security: Security, tmp_path: Path) -> None:
    own, other = tmp_path / "own.pem", tmp_path / "other.pem"
    AUTHORITY.cert_pem.write_to_path(str(own))
    trustme.CA().cert_pem.write_to_path(str(other))
    async with protecting("127.0.0.1", at_once=security is Security.TLS) as server:
        async with await relay_to(server, security, ca_file=own).open() as session:
            assert session.is_open
        with pytest.raises(RelayUnavailableError, match="certificate") as caught:
            await relay_to(server, security, ca_file=other).open()

    assert caught.value.refused


@pytest.mark.parametrize("content", [None, "", "no certificate"])
async def test_a_ca_file_that_cannot_be_used_is_named(content: str | None, tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_text(content)
    async with protecting("127.0.0.1", at_once=True) as server:
        with pytest.raises(RelayUnavailableError, match=r"smtp\.ca_file .*ca\.pem") as caught:
            await relay_to(server, Security.TLS, ca_file=file).open()

    assert caught.value.refused


async def test_a_port_that_expects_the_other_kind_of_tls_is_told() -> None:
    async with protecting("127.0.0.1", at_once=True) as server:
        relay = relay_to(server, Security.STARTTLS, patience_s=0.5)
        with pytest.raises(RelayUnavailableError, match=r'Set smtp\.security = "tls"') as at_once:
            await relay.open()
    async with protecting("127.0.0.1", at_once=False) as server:
        with pytest.raises(RelayUnavailableError, match=r'Set smtp\.security = "starttls"') as later:
            await relay_to(server, Security.TLS).open()

    assert at_once.value.refused
    assert later.value.refused
    assert server.handler.protected == []

"""Open a session with a relay, or explain why none can be opened.

aiosmtplib connects, sends EHLO, starts TLS and authenticates. Then `session` takes over, so that each reply
and each timeout belongs to one delivery and one phase (RFC 5321, RFC 4954, RFC 3207).
"""

import asyncio
import socket
import ssl
from typing import Protocol, cast

from aiosmtplib import SMTP
from aiosmtplib.errors import (
    SMTPAuthenticationError,
    SMTPConnectResponseError,
    SMTPException,
    SMTPHeloError,
    SMTPResponseException,
    SMTPTimeoutError,
)

from sse_digest.delivery.options import Pipelining, RelayOptions, Security
from sse_digest.delivery.smtp.authentication import authenticate, start_tls
from sse_digest.delivery.smtp.dial import DialledConnection, dial
from sse_digest.delivery.smtp.envelope import Extensions
from sse_digest.delivery.smtp.pipelining import PipeliningTrust
from sse_digest.delivery.smtp.protection import security_at, tls_context
from sse_digest.delivery.smtp.protocol import SmtpProtocol
from sse_digest.delivery.smtp.replies import SmtpReply
from sse_digest.delivery.smtp.session import Session, SmtpSession
from sse_digest.delivery.smtp.unavailable import RelayUnavailableError
from sse_digest.model.deliveries import Phase


class Relay(Protocol):
    """Something that opens sessions."""

    async def open(self) -> Session:
        """Open one session.

        Raises:
            RelayUnavailableError: no session can be opened now.
        """
        ...


class SmtpRelay:
    """A relay that is reached over the network."""

    def __init__(self, options: RelayOptions) -> None:
        self._options = options
        self._helo = options.helo
        self._unreliable: set[str] = set()  # addresses of the host that are tried last
        streams = options.pipelining is Pipelining.FULL
        depth = options.depth if streams else 1
        self._trust = PipeliningTrust(
            offered=options.pipelining is not Pipelining.OFF, streams=streams, limit=depth, depth=depth
        )

    @property
    def name(self) -> str:
        """Host and port, to show to people."""
        return self._options.name

    async def open(self) -> "SmtpSession":
        """Connect, send EHLO, start TLS and authenticate, as the options say."""
        if self._helo is None:  # looked up only once: without a name server it takes seconds
            self._helo = await asyncio.to_thread(socket.getfqdn)
        connection = await self._dial()
        client = self._client(connection)
        phase = Phase.CONNECT
        try:
            await client.connect(timeout=self._options.timeouts.connect_s)
            phase = Phase.EHLO
            await _greet(client)
            if self._options.security is Security.STARTTLS:
                phase = Phase.STARTTLS
                await start_tls(client, self.name)
            if self._options.username is not None:
                phase = Phase.AUTH
                await authenticate(client, self._options)
        except (SMTPException, OSError, ValueError, RelayUnavailableError) as error:
            client.close()
            connection.socket.close()
            self._unreliable.add(connection.address)
            raise await self._failure(error, phase) from error
        except asyncio.CancelledError:
            client.close()
            raise
        self._unreliable.discard(connection.address)
        return self._session(client)

    async def _dial(self) -> DialledConnection:
        options = self._options
        try:
            async with asyncio.timeout(options.timeouts.connect_s):
                return await dial(options.host, options.port, last=self._unreliable)
        except OSError as error:  # a time-out too
            raise self._explain(error, Phase.CONNECT) from error

    def _client(self, connection: DialledConnection) -> SMTP:
        options = self._options
        try:
            context = tls_context(options)
        except OSError as error:
            connection.socket.close()
            raise RelayUnavailableError(
                f"Relay {self.name}: smtp.ca_file {options.ca_file} cannot be used:"
                f" {error.strerror or error}. It must have certificates in PEM format.",
                phase=Phase.CONNECT,
                refused=True,
            ) from error
        return SMTP(
            hostname=options.host,
            sock=connection.socket,
            use_tls=options.security is Security.TLS,
            start_tls=False,
            timeout=options.timeouts.command_s,
            local_hostname=self._helo,
            tls_context=context,
        )

    def _session(self, client: SMTP) -> SmtpSession:
        """Take the connection over from aiosmtplib; input that it read but did not use is discarded."""
        # uvloop's transport is not an instance of any asyncio class.
        transport = cast("asyncio.WriteTransport | None", client.transport)
        if transport is None or transport.is_closing():
            raise RelayUnavailableError(
                f"Relay {self.name}: the connection was lost while it was being opened. It is tried again.",
                phase=Phase.EHLO,
                refused=False,
            )
        talk = SmtpProtocol()
        talk.take_over(transport)
        offers = client.supports_extension
        return SmtpSession(
            talk,
            self._options.timeouts,
            self._trust,
            Extensions(
                size=offers("size"),
                pipelining=offers("pipelining"),
                chunking=offers("chunking"),
                eight_bit=offers("8bitmime"),
                utf8=offers("smtputf8"),
                dsn=offers("dsn") and not self._trust.refuses_dsn,
            ),
        )

    async def _failure(self, error: Exception, phase: Phase) -> RelayUnavailableError:
        """Explain a failure. If there was no greeting, find out whether the port expects the other TLS."""
        if isinstance(error, RelayUnavailableError):
            return error
        explained = self._explain(error, phase)
        bad_certificate = isinstance(error.__cause__ or error, ssl.SSLCertVerificationError)
        if phase is not Phase.CONNECT or explained.reply is not None or bad_certificate:
            return explained
        security = await security_at(self._options)
        if security is None:
            return explained
        return RelayUnavailableError(
            f"Relay {self.name} {_SPEAKS[security]}, but smtp.security is"
            f' "{self._options.security}". Set smtp.security = "{security}", or use another smtp.port.',
            phase=phase,
            refused=True,
        )

    def _explain(self, error: Exception, phase: Phase) -> RelayUnavailableError:
        if isinstance(error, SMTPConnectResponseError):
            phase = Phase.GREETING
        refused = isinstance(error, SMTPResponseException) and error.code >= 500  # a permanent refusal
        reply = SmtpReply(error.code, error.message) if isinstance(error, SMTPResponseException) else None
        reason = str(error) if reply is None else f"{reply.code} {reply.text}"
        cure = "It is tried again. Check smtp.host and smtp.port if it stays unreachable."
        if isinstance(error, SMTPAuthenticationError):
            cure = "Check smtp.username and smtp.password_file."
        elif isinstance(error.__cause__ or error, ssl.SSLError):
            cure, refused = (
                "Check smtp.security, and that the relay's certificate is valid for smtp.host.",
                True,
            )
        elif isinstance(error, SMTPHeloError) or refused:
            cure = "Check smtp.helo, or ask the relay's operator why it refuses this machine."
        elif isinstance(error, SMTPTimeoutError):
            reason = "no reply in time"
        return RelayUnavailableError(
            f"Relay {self.name}, {phase}: {reason}. {cure}", phase=phase, refused=refused, reply=reply
        )


async def _greet(client: SMTP) -> None:
    """Send EHLO, or HELO to a relay that does not know EHLO (RFC 5321 section 3.2)."""
    try:
        await client.ehlo()
    except SMTPHeloError as error:
        if error.code not in _UNKNOWN_COMMAND:
            raise
        await client.helo()


_UNKNOWN_COMMAND = (500, 501, 502, 504)  # replies to EHLO after which HELO is tried
_SPEAKS = {
    Security.TLS: "expects TLS from the first byte on this port",
    Security.STARTTLS: "does not expect TLS from the first byte on this port",
}

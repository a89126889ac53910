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
from sse_digest.delivery.smtp.envelope import Extensions
from sse_digest.delivery.smtp.pipelining import PipeliningTrust
from sse_digest.delivery.smtp.protocol import SmtpProtocol
from sse_digest.delivery.smtp.replies import SmtpReply
from sse_digest.delivery.smtp.session import Session, SmtpSession
from sse_digest.errors import DeliveryError
from sse_digest.model.deliveries import Phase


class RelayUnavailableError(DeliveryError):
    """No session could be opened.

    Attributes:
        phase: where it failed.
        refused: whether the relay refused us for a reason that does not pass by waiting.
        reply: the relay's reply, or None if there was none.
    """

    def __init__(self, message: str, *, phase: Phase, refused: bool, reply: SmtpReply | None = None) -> None:
        super().__init__(message)
        self.phase = phase
        self.refused = refused
        self.reply = reply


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
        options = self._options
        if self._helo is None:  # looked up only once: without a name server it takes seconds
            self._helo = await asyncio.to_thread(socket.getfqdn)
        client = SMTP(
            hostname=options.host,
            port=options.port,
            use_tls=options.security is Security.TLS,
            start_tls=False,
            timeout=options.timeouts.command_s,
            local_hostname=self._helo,
            tls_context=_tls_context(options),
        )
        phase = Phase.CONNECT
        try:
            await client.connect(timeout=options.timeouts.connect_s)
            phase = Phase.EHLO
            await client.ehlo()
            if options.security is Security.STARTTLS:
                phase = Phase.STARTTLS
                await _start_tls(client, self.name)
            if options.username is not None:
                phase = Phase.AUTH
                await _authenticate(client, options)
        except RelayUnavailableError:
            client.close()
            raise
        except (SMTPException, OSError, ValueError) as error:
            client.close()
            raise self._explain(error, phase) from error
        except asyncio.CancelledError:
            client.close()
            raise
        return self._session(client)

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


def _tls_context(options: RelayOptions) -> ssl.SSLContext | None:
    if options.security is Security.NONE:
        return None
    context = ssl.create_default_context()
    if not options.verify_certificate:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


async def _start_tls(client: SMTP, name: str) -> None:
    if not client.supports_extension("starttls"):
        raise RelayUnavailableError(
            f"Relay {name} does not offer STARTTLS. Set smtp.security to what it offers."
            " Nothing was sent unencrypted.",
            phase=Phase.STARTTLS,
            refused=True,
        )
    await client.starttls()
    await client.ehlo()


_UNKNOWN_MECHANISM = (500, 501, 502, 504)


async def _authenticate(client: SMTP, options: RelayOptions) -> None:
    offered = set(client.supported_auth_methods)
    username, password = options.username or "", options.password or ""
    if "plain" in offered:
        try:
            await client.auth_plain(username, password)
        except SMTPAuthenticationError as error:  # some relays offer a mechanism that they do not know
            if error.code not in _UNKNOWN_MECHANISM or "login" not in offered:
                raise
            await client.auth_login(username, password)
    elif "login" in offered:
        await client.auth_login(username, password)
    else:
        raise RelayUnavailableError(
            f"Relay {options.host}:{options.port} offers neither PLAIN nor LOGIN authentication"
            f" (offered: {', '.join(sorted(offered)) or 'none'})."
            " Check smtp.security, or remove smtp.username.",
            phase=Phase.AUTH,
            refused=True,
        )

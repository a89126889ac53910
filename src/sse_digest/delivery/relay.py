"""The relay: open a session, submit one message, say what became of it.

aiosmtplib connects, greets, starts TLS and authenticates; from then on every command is written here,
so that each reply and each silence belongs to one delivery and one phase. A refusal is an outcome,
never an exception (RFC 5321, RFC 4954, RFC 3207).
"""

import asyncio
import contextlib
import re
import socket
import ssl
from dataclasses import dataclass
from typing import Protocol, Self

from aiosmtplib import SMTP
from aiosmtplib.errors import (
    SMTPAuthenticationError,
    SMTPConnectResponseError,
    SMTPException,
    SMTPHeloError,
    SMTPResponseException,
    SMTPTimeoutError,
)

from sse_digest.delivery.conversation import Conversation, ConversationLostError
from sse_digest.delivery.options import RelayOptions, Security
from sse_digest.delivery.replies import SERVICE_NOT_AVAILABLE, START_INPUT, Reply, classify, lost
from sse_digest.errors import DeliveryError
from sse_digest.model.deliveries import Outcome, Phase

# What may stand in MAIL and RCPT: an address in ASCII without blanks, controls or angle brackets. Anything
# else could end the command early and begin another one.
_SAFE_ADDRESS = re.compile(r"[!-;=?-~]+@[!-;=?-~]+")


class RelayUnavailableError(DeliveryError):
    """No session could be opened. `refused`: the relay said no to us, waiting alone will not help."""

    def __init__(self, message: str, *, phase: Phase, refused: bool) -> None:
        super().__init__(message)
        self.phase = phase
        self.refused = refused


@dataclass(frozen=True, slots=True)
class Envelope:
    """MAIL FROM and RCPT TO of one message (RFC 5321 section 2.3.1)."""

    sender: str
    recipient: str


class Session(Protocol):
    """Something that takes messages, one after the other."""

    @property
    def is_open(self) -> bool:
        """Whether another message can be submitted on it."""
        ...

    async def submit(self, envelope: Envelope, content: bytes) -> Outcome:
        """Submit one message; never raises for anything the relay said or did not say."""
        ...

    def abort(self) -> None:
        """End it at once; a submission under way gets its outcome as if the relay had closed."""
        ...

    async def close(self) -> None:
        """End it politely."""
        ...


class Relay(Protocol):
    """Something that gives sessions."""

    async def open(self) -> Session:
        """Open one session.

        Raises:
            RelayUnavailableError: none can be had now.
        """
        ...


def is_safe_address(address: str) -> bool:
    """Whether an address can be written in MAIL and RCPT without SMTPUTF8."""
    return _SAFE_ADDRESS.fullmatch(address) is not None


class SmtpRelay:
    """A relay reached over the network."""

    def __init__(self, options: RelayOptions) -> None:
        self._options = options
        self._helo = options.helo_name

    @property
    def name(self) -> str:
        """Host and port, for people."""
        return f"{self._options.host}:{self._options.port}"

    async def open(self) -> "SmtpSession":
        """Connect, greet, protect and authenticate as the options say."""
        options = self._options
        if self._helo is None:  # once: without a name server this takes seconds
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
        return SmtpSession(client, options)

    def _explain(self, error: Exception, phase: Phase) -> RelayUnavailableError:
        if isinstance(error, SMTPConnectResponseError):
            phase = Phase.GREETING
        refused = isinstance(error, SMTPResponseException) and error.code >= 500  # a permanent no
        said = f"{error.code} {error.message}" if isinstance(error, SMTPResponseException) else str(error)
        cure = "It is tried again; check smtp.host and smtp.port if it stays away."
        if isinstance(error, SMTPAuthenticationError):
            cure = "Check smtp.username and smtp.password_file."
        elif isinstance(error.__cause__ or error, ssl.SSLError):
            cure, refused = (
                "Check smtp.security, and that the relay's certificate is valid for smtp.host.",
                True,
            )
        elif isinstance(error, SMTPHeloError) or refused:
            cure = "Ask whoever runs the relay why it refuses this machine; smtp.helo may be wrong."
        elif isinstance(error, SMTPTimeoutError):
            said = "no answer in time"
        return RelayUnavailableError(
            f"Relay {self.name}, {phase}: {said}. {cure}", phase=phase, refused=refused
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
            f"Relay {name} does not offer STARTTLS. Set smtp.security to what it offers;"
            " nothing was sent in clear text.",
            phase=Phase.STARTTLS,
            refused=True,
        )
    await client.starttls()
    await client.ehlo()


async def _authenticate(client: SMTP, options: RelayOptions) -> None:
    offered = set(client.supported_auth_methods)
    username, password = options.username or "", options.password or ""
    if "plain" in offered:
        await client.auth_plain(username, password)
    elif "login" in offered:
        await client.auth_login(username, password)
    else:
        raise RelayUnavailableError(
            f"Relay {options.host}:{options.port} offers no PLAIN or LOGIN authentication here"
            f" (offered: {', '.join(sorted(offered)) or 'none'})."
            " Check smtp.security, or remove smtp.username.",
            phase=Phase.AUTH,
            refused=True,
        )


class SmtpSession:
    """One open session; one message at a time."""

    def __init__(self, client: SMTP, options: RelayOptions) -> None:
        transport = client.transport
        if not isinstance(transport, asyncio.WriteTransport):
            raise DeliveryError("The connection to the relay was lost while it was opened.")
        self._timeouts = options.timeouts
        self._size_offered = client.supports_extension("size")
        self._talk = Conversation()
        self._talk.take_over(transport)

    @property
    def is_open(self) -> bool:
        """Whether another message can be submitted on it."""
        return not self._talk.is_over

    async def submit(self, envelope: Envelope, content: bytes) -> Outcome:
        """Submit one message; `content` has CRLF line ends and is not dot-stuffed.

        Raises:
            DeliveryError: the envelope or content cannot be written in SMTP; nothing was written.
        """
        if not (is_safe_address(envelope.sender) and is_safe_address(envelope.recipient)):
            raise DeliveryError("An address of the envelope cannot be written in an SMTP command.")
        stuffed = stuff(content)
        size = f" SIZE={len(content)}" if self._size_offered else ""
        steps = (
            (Phase.MAIL, f"MAIL FROM:<{envelope.sender}>{size}".encode("ascii"), self._timeouts.command_s),
            (Phase.RCPT, f"RCPT TO:<{envelope.recipient}>".encode("ascii"), self._timeouts.command_s),
            (Phase.DATA, b"DATA", self._timeouts.data_s),
        )
        phase = Phase.MAIL
        try:
            for phase, command, timeout_s in steps:
                reply = await self._talk.ask(command, timeout_s)
                if not _may_go_on(reply, phase):
                    return await self._refused(reply, phase)
            phase = Phase.CONTENT
            reply = await self._talk.send(stuffed, self._timeouts.content_s)
        except ConversationLostError as error:
            # Content of which no byte was written cannot have been taken.
            return lost(Phase.DATA if phase is Phase.CONTENT and not error.written else phase, str(error))
        return self._judged(reply, phase)

    def abort(self) -> None:
        """End it at once; a submission under way gets its outcome as if the relay had closed."""
        self._talk.close()

    async def close(self) -> None:
        """Say QUIT and close, whatever the relay answers."""
        if self.is_open:
            with contextlib.suppress(ConversationLostError):
                await self._talk.ask(b"QUIT", self._timeouts.quit_s)
        self._talk.close()

    async def _refused(self, reply: Reply, phase: Phase) -> Outcome:
        """Judge a refusal and clear the transaction, so that the next envelope begins afresh."""
        outcome = self._judged(reply, phase)
        if self.is_open:
            try:
                cleared = await self._talk.ask(b"RSET", self._timeouts.reset_s)
            except ConversationLostError:
                return outcome
            if cleared.code // 100 != 2:  # class of replies
                self._talk.close()
        return outcome

    def _judged(self, reply: Reply, phase: Phase) -> Outcome:
        confused = reply.code // 100 not in {4, 5} and phase is not Phase.CONTENT
        if reply.code in {SERVICE_NOT_AVAILABLE, 503} or confused:
            self._talk.close()
        return classify(reply, phase)

    async def __aenter__(self) -> Self:
        """Give the session itself."""
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Close it."""
        await self.close()


def _may_go_on(reply: Reply, phase: Phase) -> bool:
    if phase is Phase.DATA:
        return reply.code == START_INPUT
    return reply.code // 100 == 2  # class of replies


def stuff(content: bytes) -> bytes:
    """Double the dots that begin a line and add the final dot (RFC 5321 section 4.5.2).

    Raises:
        DeliveryError: a CR or LF stands alone; relays differ in what they make of it.
    """
    if content.count(b"\n") != content.count(b"\r\n") or content.count(b"\r") != content.count(b"\r\n"):
        raise DeliveryError("A message holds a line end that is not CRLF.")
    body = content.replace(b"\r\n.", b"\r\n..")
    if body.startswith(b"."):
        body = b"." + body
    return body + (b".\r\n" if body.endswith(b"\r\n") or not body else b"\r\n.\r\n")

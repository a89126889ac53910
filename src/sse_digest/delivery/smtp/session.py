"""Submit messages over an open session with a relay, and return the outcome of each.

There are three ways. `submit` writes one command at a time and waits for each reply. `announce`, `answer`
and `hand_over` pipeline (RFC 2920): they write MAIL, RCPT and DATA in one write, and the next envelope right
after a content, but no content before its own RCPT was accepted. `stream` and `landed` use `bdat`.
"""

import contextlib
from collections.abc import Sequence
from dataclasses import replace
from enum import Enum, auto
from typing import Protocol, Self

from sse_digest.delivery.options import Timeouts
from sse_digest.delivery.smtp.bdat import BdatStream
from sse_digest.delivery.smtp.envelope import Envelope, Extensions, MessageContent
from sse_digest.delivery.smtp.pipelining import PipeliningTrust
from sse_digest.delivery.smtp.protocol import ConversationLostError, SmtpProtocol
from sse_digest.delivery.smtp.replies import SERVICE_NOT_AVAILABLE, START_INPUT, SmtpReply, classify, lost
from sse_digest.model.deliveries import Outcome, Phase

BAD_SEQUENCE = 503
_USUAL = (250, 250, START_INPUT)  # to MAIL, RCPT and DATA


class Handover(Enum):
    """How the next message may be handed over."""

    SINGLE = auto()  # `submit`
    ANNOUNCED = auto()  # `announce`, `answer`, `hand_over`
    STREAMED = auto()  # `stream`, `landed`


class Session(Protocol):
    """Something that takes messages."""

    @property
    def is_open(self) -> bool:
        """Whether another message can be submitted on this session."""
        ...

    @property
    def way(self) -> Handover:
        """How the next message may be handed over."""
        ...

    @property
    def depth(self) -> int:
        """How many contents may be in flight while messages are streamed."""
        ...

    def refusal(self, envelope: Envelope) -> Outcome | None:
        """Return the outcome of a message that must not begin on this session, or None if it may."""
        ...

    async def submit(self, envelope: Envelope, content: MessageContent) -> Outcome:
        """Submit one message. Never raises because of the relay, whatever it replies or if it does not."""
        ...

    def announce(self, envelope: Envelope, content: MessageContent) -> None:
        """Write an envelope and DATA in one write; `answer` returns the result."""
        ...

    async def answer(self) -> Outcome | None:
        """Return the refusal of the announced envelope, or None if the relay waits for its content."""
        ...

    async def hand_over(
        self, content: MessageContent, following: tuple[Envelope, MessageContent] | None
    ) -> Outcome:
        """Write the content that the relay waits for and, after it, the next message's envelope."""
        ...

    def stream(self, mails: Sequence[tuple[Envelope, MessageContent]]) -> None:
        """Write whole messages without waiting for replies; `landed` returns their outcomes."""
        ...

    async def landed(self) -> list[Outcome]:
        """Return outcomes of streamed messages in order: wait for the first, add all that have arrived."""
        ...

    def abort(self) -> None:
        """Close the session at once. A submission under way ends as if the relay had closed it."""
        ...

    async def close(self) -> None:
        """Close the session with QUIT."""
        ...


class SmtpSession:
    """One open SMTP session. Not for concurrent use."""

    def __init__(
        self, talk: SmtpProtocol, timeouts: Timeouts, trust: PipeliningTrust, offers: Extensions
    ) -> None:
        self._talk, self._timeouts, self._trust, self._offers = talk, timeouts, trust, offers
        self._stream = BdatStream(talk, timeouts, trust, offers)
        self._envelope_open = False  # an envelope was announced and its transaction has not ended
        self._reset_due = False  # the relay may keep a refused transaction open
        self._is_nested = False  # it may do so, and the next envelope is already written
        self._last_word: SmtpReply | None = None  # a 421, which also answers everything that follows

    @property
    def is_open(self) -> bool:
        """Whether another message can be submitted on this session."""
        return not self._talk.is_over

    @property
    def way(self) -> Handover:
        """How the next message may be handed over.

        Messages are pipelined only if the relay offers it, the options allow it, and the relay has taken
        messages one command at a time before.
        """
        if not self._offers.pipelining or not self._trust.may_pipeline:
            return Handover.SINGLE
        return Handover.STREAMED if self._offers.chunking and self._trust.streams else Handover.ANNOUNCED

    @property
    def depth(self) -> int:
        """How many contents may be in flight while messages are streamed."""
        return self._trust.depth

    def refusal(self, envelope: Envelope) -> Outcome | None:
        """Return the outcome of a message that must not begin on this session, or None if it may."""
        return self._offers.refusal(envelope)

    async def submit(self, envelope: Envelope, content: MessageContent) -> Outcome:
        """Submit one message. If the relay offers DSN but refuses its parameters, never use them again.

        Raises:
            DeliveryError: the envelope cannot be written in SMTP; nothing was written.
        """
        outcome = await self._submit(envelope, content)
        if not self._offers.dsn or not _refuses_parameters(outcome):
            return outcome
        self._trust.refuses_dsn = True
        self._offers = replace(self._offers, dsn=False)
        self._stream = BdatStream(self._talk, self._timeouts, self._trust, self._offers)
        return await self._submit(envelope, content)

    async def _submit(self, envelope: Envelope, content: MessageContent) -> Outcome:
        commands = self._commands(envelope, content)
        if self._reset_due and not await self._reset():
            return lost(Phase.MAIL, "the relay did not end the transaction before")
        phase = Phase.MAIL
        try:
            for phase, command in commands:
                reply = await self._talk.ask(command, self._timeout(phase))
                if not _may_go_on(reply, phase):
                    return await self._refused(reply, phase)
            phase = Phase.CONTENT
            reply = await self._talk.send(b"".join(content.doubled()), self._timeouts.content_s)
        except ConversationLostError as error:
            # If no byte of the content was written, the relay cannot have taken it.
            return lost(Phase.DATA if phase is Phase.CONTENT and not error.written else phase, str(error))
        if reply.code // 100 == 2:
            self._trust.prove()
        self._reset_due = self._reset_due or reply.code // 100 != 2  # Postfix may keep the transaction open
        return self._judged(reply, phase)

    def announce(self, envelope: Envelope, content: MessageContent) -> None:
        """Write MAIL, RCPT and DATA in one write (RFC 2920 section 3.1).

        Raises:
            DeliveryError: the envelope cannot be written in SMTP; nothing was written.
        """
        self._write(None, following=(envelope, content))

    async def answer(self) -> Outcome | None:
        """Return the refusal of the announced envelope, or None if the relay waits for its content."""
        self._envelope_open = False
        if self._last_word is not None:
            return classify(self._last_word, Phase.MAIL)
        if not self._reset_due and self._talk.pass_over(_USUAL):  # nearly always
            self._envelope_open, self._is_nested = True, False
            return None
        return await self._judged_envelope()

    async def _judged_envelope(self) -> Outcome | None:
        """Read the replies one by one. Return the refusal, or None if the relay waits for the content."""
        phase, refused = Phase.MAIL, None
        accepted: set[Phase] = set()
        try:
            if self._reset_due and not await self._was_reset():
                return lost(Phase.MAIL, "the relay did not end the transaction before")
            for phase in (Phase.MAIL, Phase.RCPT, Phase.DATA):
                reply = await self._reply_to(phase)
                if _may_go_on(reply, phase):
                    accepted.add(phase)
                elif refused is None:
                    refused = classify(reply, phase)
                if _is_last_word(reply, phase, first=refused is not None and refused.phase is phase):
                    if phase is Phase.MAIL and reply.code == SERVICE_NOT_AVAILABLE:
                        self._judged(reply, phase)  # a relay may end a session between two messages
                    else:
                        self._surprised(reply)
                    return refused
            if refused is None:
                self._envelope_open = True
                return None
            await self._end_refused(accepted)
        except ConversationLostError as error:
            if phase is not Phase.MAIL:  # a relay may close between two messages
                self._trust.doubt()
            return refused or lost(phase, str(error))
        return refused

    async def hand_over(
        self, content: MessageContent, following: tuple[Envelope, MessageContent] | None
    ) -> Outcome:
        """Write the content that the relay waits for and, in the same write, the next message's envelope.

        Raises:
            DeliveryError: the envelope cannot be written in SMTP; nothing was written.
        """
        self._envelope_open = False
        try:
            self._write(content, following=following)
            reply = await self._talk.read(self._timeouts.content_s)
        except ConversationLostError as error:
            if following is not None:
                self._trust.doubt()  # perhaps the relay cannot handle an envelope right after a content
            return lost(Phase.CONTENT if error.written else Phase.DATA, str(error))
        if reply.code // 100 != 2:  # Postfix may keep the transaction open
            self._is_nested, self._reset_due = following is not None, following is None
        return self._judged(reply, Phase.CONTENT)

    def stream(self, mails: Sequence[tuple[Envelope, MessageContent]]) -> None:
        """Write whole messages without waiting for replies (RFC 3030); each begins with RSET.

        Raises:
            DeliveryError: an envelope cannot be written in SMTP; nothing was written.
        """
        self._reset_due = False  # every streamed message begins with a reset
        self._stream.send(mails)

    async def landed(self) -> list[Outcome]:
        """Return outcomes of streamed messages in order: wait for the first, add all that have arrived."""
        return await self._stream.landed()

    def abort(self) -> None:
        """Close the session at once. A submission under way ends as if the relay had closed it."""
        self._talk.close()

    async def close(self) -> None:
        """Send QUIT and close, whatever the relay replies.

        A relay that waits for content gets no QUIT, because it would take it for content.
        """
        if self.is_open and not self._envelope_open:
            with contextlib.suppress(ConversationLostError):
                await self._talk.ask(b"QUIT", self._timeouts.quit_s)
        self._talk.close()

    def _write(
        self, content: MessageContent | None, *, following: tuple[Envelope, MessageContent] | None
    ) -> None:
        parts: list[bytes] = []
        replies = 0
        if content is not None:
            parts += content.doubled()
            replies = 1
        if following is not None:
            commands = [command for _, command in self._commands(*following)]
            if self._reset_due and content is None:
                commands.insert(0, b"RSET")
            else:
                self._reset_due = False  # the content ends the transaction
            parts.append(b"\r\n".join((*commands, b"")))
            replies += len(commands)
        try:
            self._talk.write(parts, replies=replies)
        except ConversationLostError:
            if content is not None:
                raise
            return  # `answer` returns the outcome
        self._envelope_open = following is not None

    def _commands(self, envelope: Envelope, content: MessageContent) -> tuple[tuple[Phase, bytes], ...]:
        return (
            (Phase.MAIL, self._offers.mail(envelope, content)),
            (Phase.RCPT, self._offers.rcpt(envelope)),
            (Phase.DATA, b"DATA"),
        )

    def _timeout(self, phase: Phase) -> float:
        return self._timeouts.data_s if phase is Phase.DATA else self._timeouts.command_s

    async def _reply_to(self, phase: Phase) -> SmtpReply:
        """Return the reply to a command of an announced envelope.

        Raises:
            ConversationLostError: the session ended; or the relay kept a refused message open and so refuses
                this envelope, which then goes over another connection.
        """
        reply = await self._talk.read(self._timeout(phase))
        is_nested, self._is_nested = self._is_nested, False
        if is_nested and reply.code == BAD_SEQUENCE:
            self._trust.doubt()  # some such relays crash on commands that follow a content they refuse
            self._talk.close()
            raise ConversationLostError("the relay kept a refused message open", written=True)
        return reply

    async def _end_refused(self, accepted: set[Phase]) -> None:
        """End the transaction of a refused envelope, so that the next one starts clean.

        If DATA was refused too, some relays keep the transaction open, so RSET is written before the next
        envelope. If the reply to DATA was 354, the relay waits for content: it gets a lone dot, which it
        refuses because it has no recipient.
        """
        self._reset_due = True
        if Phase.DATA not in accepted:
            return
        if Phase.RCPT in accepted:  # a lone dot would deliver an empty message
            self._talk.close()
            return
        reply = await self._talk.ask(b".", self._timeouts.content_s)
        if reply.code // 100 != 5:
            self._surprised(reply)

    async def _was_reset(self) -> bool:
        """Read the reply to the RSET before an announced envelope; return whether it is positive."""
        self._reset_due = False
        reply = await self._talk.read(self._timeouts.reset_s)
        if reply.code // 100 != 2:
            self._surprised(reply)
            return False
        return True

    async def _reset(self) -> bool:
        """Reset the transaction and return True; if the relay cannot, end the session and return False."""
        self._reset_due = False
        try:
            cleared = await self._talk.ask(b"RSET", self._timeouts.reset_s)
        except ConversationLostError:
            return False
        if cleared.code // 100 != 2:
            self._talk.close()
            return False
        return True

    async def _refused(self, reply: SmtpReply, phase: Phase) -> Outcome:
        """Return the outcome of a refusal, and reset the transaction for the next envelope."""
        outcome = self._judged(reply, phase)
        if self.is_open:
            await self._reset()
        return outcome

    def _judged(self, reply: SmtpReply, phase: Phase) -> Outcome:
        if _is_last_word(reply, phase, first=True):
            self._note_last_word(reply)
            self._talk.close()
        return classify(reply, phase)

    def _surprised(self, reply: SmtpReply) -> None:
        """Close a session whose replies are out of step, and trust this relay less with pipelining."""
        self._note_last_word(reply)
        self._trust.doubt()
        self._talk.close()

    def _note_last_word(self, reply: SmtpReply) -> None:
        if reply.code == SERVICE_NOT_AVAILABLE:
            self._last_word = reply

    async def __aenter__(self) -> Self:
        """Return the session itself."""
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Close the session."""
        await self.close()


def _may_go_on(reply: SmtpReply, phase: Phase) -> bool:
    if phase is Phase.DATA:
        return reply.code == START_INPUT
    return reply.code // 100 == 2


def _refuses_parameters(outcome: Outcome) -> bool:
    """Return whether a command was refused for its parameters (RFC 5321 section 4.1.1.11)."""
    return outcome.phase in {Phase.MAIL, Phase.RCPT} and outcome.code in {501, 504, 555}


def _is_last_word(reply: SmtpReply, phase: Phase, *, first: bool) -> bool:
    """Return whether a reply ends the session: the relay closes it, or its replies are out of step.

    Args:
        reply: the reply.
        phase: the command that it answers.
        first: no command of this envelope was refused before; after a refusal, 503 is expected.
    """
    if reply.code == SERVICE_NOT_AVAILABLE:
        return True
    if reply.code // 100 in {4, 5}:
        return first and reply.code == BAD_SEQUENCE
    return not _may_go_on(reply, phase)

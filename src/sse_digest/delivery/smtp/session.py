"""An open session with a relay: submit messages and return the outcome of each.

There are three modes. `submit` writes one command at a time and waits for each reply. `announce`, `answer`
and `hand_over` pipeline (RFC 2920): MAIL, RCPT and DATA in one write, the next envelope behind the content;
no content is ever written before its own RCPT was accepted. `stream` and `landed` are those of `streaming`.
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
    """Something that takes messages, one after the other."""

    @property
    def is_open(self) -> bool:
        """Whether another message can be submitted on it."""
        ...

    @property
    def way(self) -> Handover:
        """How the next message may be handed over."""
        ...

    @property
    def depth(self) -> int:
        """How many contents may be in flight, where messages are streamed."""
        ...

    def refusal(self, envelope: Envelope) -> Outcome | None:
        """Return why a message must not be begun on this session, or None if it may."""
        ...

    async def submit(self, envelope: Envelope, content: MessageContent) -> Outcome:
        """Submit one message; never raises for any reply of the relay, or for none."""
        ...

    def announce(self, envelope: Envelope, content: MessageContent) -> None:
        """Write an envelope and DATA at once; `answer` returns the result."""
        ...

    async def answer(self) -> Outcome | None:
        """Return the refusal of the announced envelope, or None if the relay waits for its content."""
        ...

    async def hand_over(
        self, content: MessageContent, following: tuple[Envelope, MessageContent] | None
    ) -> Outcome:
        """Write the content the relay waits for and, behind it, the next message's envelope."""
        ...

    def stream(self, mails: Sequence[tuple[Envelope, MessageContent]]) -> None:
        """Write whole messages without waiting; `landed` says what became of each."""
        ...

    async def landed(self) -> list[Outcome]:
        """Return the outcomes of streamed messages in their order: at least one, and all that are there."""
        ...

    def abort(self) -> None:
        """Close it at once; a submission under way gets its outcome as if the relay had closed."""
        ...

    async def close(self) -> None:
        """End it politely."""
        ...


class SmtpSession:
    """One open SMTP session. Not for concurrent use."""

    def __init__(
        self, talk: SmtpProtocol, timeouts: Timeouts, trust: PipeliningTrust, offers: Extensions
    ) -> None:
        self._talk, self._timeouts, self._trust, self._offers = talk, timeouts, trust, offers
        self._stream = BdatStream(talk, timeouts, trust, offers)
        self._envelope_open = False  # an envelope was announced and its transaction not ended
        self._reset_due = False  # the relay may hold a transaction open that it refused
        self._is_nested = False  # such a one, and the next envelope was written already
        self._last_word: SmtpReply | None = None  # a 421: it goes for everything that follows, too

    @property
    def is_open(self) -> bool:
        """Whether another message can be submitted on it."""
        return not self._talk.is_over

    @property
    def way(self) -> Handover:
        """Ahead of the replies only where the relay offers it, we want it, and it worked without."""
        if not self._offers.pipelining or not self._trust.may_pipeline:
            return Handover.SINGLE
        return Handover.STREAMED if self._offers.chunking and self._trust.streams else Handover.ANNOUNCED

    @property
    def depth(self) -> int:
        """How many contents may be in flight, where messages are streamed."""
        return self._trust.depth

    def refusal(self, envelope: Envelope) -> Outcome | None:
        """Return why a message must not be begun on this session, or None if it may."""
        return self._offers.refusal(envelope)

    async def submit(self, envelope: Envelope, content: MessageContent) -> Outcome:
        """Submit one message; without DSN parameters from now on, if the relay offers them and refuses them.

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
            # Content of which no byte was written cannot have been taken.
            return lost(Phase.DATA if phase is Phase.CONTENT and not error.written else phase, str(error))
        if reply.code // 100 == 2:
            self._trust.prove()
        self._reset_due = self._reset_due or reply.code // 100 != 2  # Postfix may keep a refused one open
        return self._judged(reply, phase)

    def announce(self, envelope: Envelope, content: MessageContent) -> None:
        """Write MAIL, RCPT and DATA at once (RFC 2920 section 3.1).

        Raises:
            DeliveryError: the envelope cannot be written in SMTP; nothing was written.
        """
        self._write(None, following=(envelope, content))

    async def answer(self) -> Outcome | None:
        """Read the replies to the announced envelope; None: the relay waits for its content."""
        self._envelope_open = False
        if self._last_word is not None:
            return classify(self._last_word, Phase.MAIL)
        if not self._reset_due and self._talk.pass_over(_USUAL):  # as nearly always
            self._envelope_open, self._is_nested = True, False
            return None
        return await self._judged_envelope()

    async def _judged_envelope(self) -> Outcome | None:
        """Read the replies one by one; None: the relay waits for the content."""
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
                        self._judged(reply, phase)  # to end a session between two messages is its right
                    else:
                        self._surprised(reply)
                    return refused
            if refused is None:
                self._envelope_open = True
                return None
            await self._end_refused(accepted)
        except ConversationLostError as error:
            if phase is not Phase.MAIL:  # to close between two messages is every relay's right
                self._trust.doubt()
            return refused or lost(phase, str(error))
        return refused

    async def hand_over(
        self, content: MessageContent, following: tuple[Envelope, MessageContent] | None
    ) -> Outcome:
        """Write the content the relay waits for and, in the same write, the next message's envelope.

        Raises:
            DeliveryError: the envelope cannot be written in SMTP; nothing was written.
        """
        self._envelope_open = False
        try:
            self._write(content, following=following)
            reply = await self._talk.read(self._timeouts.content_s)
        except ConversationLostError as error:
            if following is not None:
                self._trust.doubt()  # perhaps it cannot take an envelope behind a content
            return lost(Phase.CONTENT if error.written else Phase.DATA, str(error))
        if reply.code // 100 != 2:  # refused: Postfix may keep it open
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
        """Return the outcomes of streamed messages in their order: at least one, and all that are there."""
        return await self._stream.landed()

    def abort(self) -> None:
        """End it at once; a submission under way gets its outcome as if the relay had closed."""
        self._talk.close()

    async def close(self) -> None:
        """Send QUIT and close, whatever the relay replies.

        A relay that waits for content gets no QUIT, because it would read it as content.
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
                self._reset_due = False  # content that was waited for ends the transaction, too
            parts.append(b"\r\n".join((*commands, b"")))
            replies += len(commands)
        try:
            self._talk.write(parts, replies=replies)
        except ConversationLostError:
            if content is not None:
                raise
            return  # `answer` returns it
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
        """Read the reply to a command of an announced envelope.

        Raises:
            ConversationLostError: also if the relay kept a refused message open, in which no other
                envelope may end: the same one then goes over another connection.
        """
        reply = await self._talk.read(self._timeout(phase))
        is_nested, self._is_nested = self._is_nested, False
        if is_nested and reply.code == BAD_SEQUENCE:
            self._trust.doubt()  # some of these crash on commands written after content that they refuse
            self._talk.close()
            raise ConversationLostError("the relay kept a refused message open", written=True)
        return reply

    async def _end_refused(self, accepted: set[Phase]) -> None:
        """End the transaction of a refused envelope, so that the next one starts clean.

        Where DATA was refused, too, some relays keep the transaction open: RSET goes before the next group.
        Where it was answered 354 the content is awaited: a lone dot, which a relay without recipient refuses.
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
        """Read the reply to the RSET before an announced envelope."""
        self._reset_due = False
        reply = await self._talk.read(self._timeouts.reset_s)
        if reply.code // 100 != 2:
            self._surprised(reply)
            return False
        return True

    async def _reset(self) -> bool:
        """Reset the transaction; if the relay cannot, end the session."""
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
        """Judge a refusal and clear the transaction, so that the next envelope starts clean."""
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
        """End a session that is out of step, and pipeline less with this relay."""
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
        """Close it."""
        await self.close()


def _may_go_on(reply: SmtpReply, phase: Phase) -> bool:
    if phase is Phase.DATA:
        return reply.code == START_INPUT
    return reply.code // 100 == 2  # class of replies


def _refuses_parameters(outcome: Outcome) -> bool:
    """Return whether a command was refused for its parameters (RFC 5321 section 4.1.1.11)."""
    return outcome.phase in {Phase.MAIL, Phase.RCPT} and outcome.code in {501, 504, 555}


def _is_last_word(reply: SmtpReply, phase: Phase, *, first: bool) -> bool:
    """Return whether a reply ends the session: the relay is leaving, or we are out of step with it.

    `first`: nothing of the same envelope was refused before; after a refusal, 503 is expected.
    """
    if reply.code == SERVICE_NOT_AVAILABLE:
        return True
    if reply.code // 100 in {4, 5}:
        return first and reply.code == BAD_SEQUENCE
    return not _may_go_on(reply, phase)

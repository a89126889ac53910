"""One open session with the relay: hand messages over, say what became of each.

Two ways of speaking. `submit` writes one command at a time and waits for each reply. `announce`, `answer`
and `hand_over` pipeline (RFC 2920): MAIL, RCPT and DATA in one write, the next envelope behind the content.
No content is ever written before its own RCPT was accepted, and no reply is given to another recipient.
"""

import contextlib
import re
from dataclasses import dataclass
from typing import Protocol, Self

from sse_digest.delivery.conversation import Conversation, ConversationLostError
from sse_digest.delivery.options import Timeouts
from sse_digest.delivery.replies import SERVICE_NOT_AVAILABLE, START_INPUT, Reply, classify, lost
from sse_digest.errors import DeliveryError
from sse_digest.model.deliveries import Outcome, Phase

# What may stand in MAIL and RCPT: an address in ASCII without blanks, controls or angle brackets. Anything
# else could end the command early and begin another one.
_SAFE_ADDRESS = re.compile(r"[!-;=?-~]+@[!-;=?-~]+")
BAD_SEQUENCE = 503


@dataclass(frozen=True, slots=True)
class Envelope:
    """MAIL FROM and RCPT TO of one message (RFC 5321 section 2.3.1)."""

    sender: str
    recipient: str


@dataclass(frozen=True, slots=True)
class Content:
    """A message as it is written after DATA; made by `stuff`, once for all attempts."""

    stuffed: bytes  # dots doubled, the final dot behind it
    size_bytes: int  # before that (RFC 1870)


@dataclass(slots=True)
class Trust:
    """How far a relay has shown that it can be spoken to without waiting; shared by its sessions."""

    offered: bool = True  # whether we may pipeline at all, as the options say
    missing: int = 1  # messages still to be submitted one command at a time
    surprises: int = 0

    def prove(self) -> None:
        """Count a message that was taken one command at a time."""
        self.missing = max(0, self.missing - 1)

    def doubt(self) -> None:
        """After a surprise ask for more and more messages one command at a time."""
        self.missing = 10**self.surprises
        self.surprises += 1


class Session(Protocol):
    """Something that takes messages, one after the other."""

    @property
    def is_open(self) -> bool:
        """Whether another message can be submitted on it."""
        ...

    @property
    def pipelines(self) -> bool:
        """Whether the next message may be announced instead of submitted."""
        ...

    async def submit(self, envelope: Envelope, content: Content) -> Outcome:
        """Submit one message; never raises for anything the relay said or did not say."""
        ...

    def announce(self, envelope: Envelope, size_bytes: int) -> None:
        """Write an envelope and DATA at once; `answer` says what came of it."""
        ...

    async def answer(self) -> Outcome | None:
        """Give the refusal of the announced envelope; None: the relay waits for its content."""
        ...

    async def hand_over(self, content: Content, following: tuple[Envelope, int] | None) -> Outcome:
        """Write the content the relay waits for and, behind it, the next envelope with its size."""
        ...

    def abort(self) -> None:
        """End it at once; a submission under way gets its outcome as if the relay had closed."""
        ...

    async def close(self) -> None:
        """End it politely."""
        ...


def is_safe_address(address: str) -> bool:
    """Whether an address can be written in MAIL and RCPT without SMTPUTF8."""
    return _SAFE_ADDRESS.fullmatch(address) is not None


class SmtpSession:
    """One open SMTP session. Not for concurrent use."""

    def __init__(
        self, talk: Conversation, timeouts: Timeouts, trust: Trust, *, size: bool, pipelining: bool
    ) -> None:
        self._talk, self._timeouts, self._trust = talk, timeouts, trust
        self._size_offered, self._pipelining = size, pipelining
        self._envelope_open = False  # an envelope was announced and its transaction not ended
        self._reset_due = False  # the relay may hold a transaction open that it refused
        self._last_word: Reply | None = None  # a 421: it goes for everything that follows, too

    @property
    def is_open(self) -> bool:
        """Whether another message can be submitted on it."""
        return not self._talk.is_over

    @property
    def pipelines(self) -> bool:
        """Whether the relay offers PIPELINING, we want it, and it was seen to work without."""
        return self._pipelining and self._trust.offered and self._trust.missing == 0

    async def submit(self, envelope: Envelope, content: Content) -> Outcome:
        """Submit one message.

        Raises:
            DeliveryError: the envelope cannot be written in SMTP; nothing was written.
        """
        commands = self._commands(envelope, content.size_bytes)
        if self._reset_due and not await self._reset():
            return lost(Phase.MAIL, "the relay did not end the transaction before")
        phase = Phase.MAIL
        try:
            for phase, command in commands:
                reply = await self._talk.ask(command, self._timeout(phase))
                if not _may_go_on(reply, phase):
                    return await self._refused(reply, phase)
            phase = Phase.CONTENT
            reply = await self._talk.send(content.stuffed, self._timeouts.content_s)
        except ConversationLostError as error:
            # Content of which no byte was written cannot have been taken.
            return lost(Phase.DATA if phase is Phase.CONTENT and not error.written else phase, str(error))
        if reply.code // 100 == 2:
            self._trust.prove()
        return self._judged(reply, phase)

    def announce(self, envelope: Envelope, size_bytes: int) -> None:
        """Write MAIL, RCPT and DATA at once (RFC 2920 section 3.1).

        Raises:
            DeliveryError: the envelope cannot be written in SMTP; nothing was written.
        """
        self._write(b"", replies=0, following=(envelope, size_bytes))

    async def answer(self) -> Outcome | None:
        """Read the replies to the announced envelope; None: the relay waits for its content."""
        self._envelope_open = False
        if self._last_word is not None:
            return classify(self._last_word, Phase.MAIL)
        phase, refused = Phase.MAIL, None
        accepted: set[Phase] = set()
        try:
            if self._reset_due and not await self._was_reset():
                return lost(Phase.MAIL, "the relay did not end the transaction before")
            for phase in (Phase.MAIL, Phase.RCPT, Phase.DATA):
                reply = await self._talk.read(self._timeout(phase))
                if _may_go_on(reply, phase):
                    accepted.add(phase)
                elif refused is None:
                    refused = classify(reply, phase)
                if _is_last_word(reply, phase, first=refused is not None and refused.phase is phase):
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

    async def hand_over(self, content: Content, following: tuple[Envelope, int] | None) -> Outcome:
        """Write the content the relay waits for and, in the same write, the next envelope.

        Raises:
            DeliveryError: the envelope cannot be written in SMTP; nothing was written.
        """
        self._envelope_open = False
        try:
            self._write(content.stuffed, replies=1, following=following)
            reply = await self._talk.read(self._timeouts.content_s)
        except ConversationLostError as error:
            return lost(Phase.CONTENT if error.written else Phase.DATA, str(error))
        return self._judged(reply, Phase.CONTENT)

    def abort(self) -> None:
        """End it at once; a submission under way gets its outcome as if the relay had closed."""
        self._talk.close()

    async def close(self) -> None:
        """Say QUIT and close, whatever the relay answers.

        A relay that waits for content is left without a word: whatever were said now would be content.
        """
        if self.is_open and not self._envelope_open:
            with contextlib.suppress(ConversationLostError):
                await self._talk.ask(b"QUIT", self._timeouts.quit_s)
        self._talk.close()

    def _write(self, content: bytes, *, replies: int, following: tuple[Envelope, int] | None) -> None:
        group = b""
        if following is not None:
            commands = [command for _, command in self._commands(*following)]
            if self._reset_due and not content:
                commands.insert(0, b"RSET")
            else:
                self._reset_due = False  # content that was waited for ends the transaction, too
            group = b"".join(command + b"\r\n" for command in commands)
            replies += len(commands)
        try:
            self._talk.write(content + group, replies=replies)
        except ConversationLostError:
            if content:
                raise
            return  # `answer` tells
        self._envelope_open = following is not None

    def _commands(self, envelope: Envelope, size_bytes: int) -> tuple[tuple[Phase, bytes], ...]:
        check_writable(envelope)
        size = f" SIZE={size_bytes}" if self._size_offered else ""
        return (
            (Phase.MAIL, f"MAIL FROM:<{envelope.sender}>{size}".encode("ascii")),
            (Phase.RCPT, f"RCPT TO:<{envelope.recipient}>".encode("ascii")),
            (Phase.DATA, b"DATA"),
        )

    def _timeout(self, phase: Phase) -> float:
        return self._timeouts.data_s if phase is Phase.DATA else self._timeouts.command_s

    async def _end_refused(self, accepted: set[Phase]) -> None:
        """Leave the transaction of a refused envelope, so that the next one begins afresh.

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
        """End a transaction; a relay that cannot is left."""
        self._reset_due = False
        try:
            cleared = await self._talk.ask(b"RSET", self._timeouts.reset_s)
        except ConversationLostError:
            return False
        if cleared.code // 100 != 2:
            self._talk.close()
            return False
        return True

    async def _refused(self, reply: Reply, phase: Phase) -> Outcome:
        """Judge a refusal and clear the transaction, so that the next envelope begins afresh."""
        outcome = self._judged(reply, phase)
        if self.is_open:
            await self._reset()
        return outcome

    def _judged(self, reply: Reply, phase: Phase) -> Outcome:
        if _is_last_word(reply, phase, first=True):
            self._note_last_word(reply)
            self._talk.close()
        return classify(reply, phase)

    def _surprised(self, reply: Reply) -> None:
        """End a session that is out of step, and trust the relay less."""
        self._note_last_word(reply)
        self._trust.doubt()
        self._talk.close()

    def _note_last_word(self, reply: Reply) -> None:
        if reply.code == SERVICE_NOT_AVAILABLE:
            self._last_word = reply

    async def __aenter__(self) -> Self:
        """Give the session itself."""
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Close it."""
        await self.close()


def check_writable(envelope: Envelope) -> None:
    """See that an envelope can be written in SMTP.

    Raises:
        DeliveryError: an address could end its command early.
    """
    if not (is_safe_address(envelope.sender) and is_safe_address(envelope.recipient)):
        raise DeliveryError("An address of the envelope cannot be written in an SMTP command.")


def _may_go_on(reply: Reply, phase: Phase) -> bool:
    if phase is Phase.DATA:
        return reply.code == START_INPUT
    return reply.code // 100 == 2  # class of replies


def _is_last_word(reply: Reply, phase: Phase, *, first: bool) -> bool:
    """Whether nothing more can be said after a reply: the relay leaves, or we are out of step with it.

    `first`: nothing of the same envelope was refused before; afterwards 503 is what is expected.
    """
    if reply.code == SERVICE_NOT_AVAILABLE:
        return True
    if reply.code // 100 in {4, 5}:
        return first and reply.code == BAD_SEQUENCE
    return not _may_go_on(reply, phase)


def stuff(content: bytes) -> Content:
    """Double the dots that begin a line and add the final dot (RFC 5321 section 4.5.2).

    Raises:
        DeliveryError: a CR or LF stands alone; relays differ in what they make of it.
    """
    lines = content.count(b"\r\n")
    if content.count(b"\n") != lines or content.count(b"\r") != lines:
        raise DeliveryError("A message holds a line end that is not CRLF.")
    body = content.replace(b"\r\n.", b"\r\n..")
    if body.startswith(b"."):
        body = b"." + body
    end = b".\r\n" if body.endswith(b"\r\n") or not body else b"\r\n.\r\n"
    return Content(body + end, len(content))

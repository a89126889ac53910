"""Keep several contents in flight: write whole messages and match the replies to them (RFC 3030, RFC 2920).

Each message is RSET, MAIL, RCPT and `BDAT n LAST`, so that a refused message cannot affect the next one
(RFC 3030 section 2 asks for RSET after a failed BDAT). Each message gets four replies, in order. The first
reply that does not fit ends the connection, and all content sent after it is in doubt.
"""

from collections.abc import Sequence

from sse_digest.delivery.options import Timeouts
from sse_digest.delivery.smtp.envelope import Envelope, Extensions, MessageContent
from sse_digest.delivery.smtp.pipelining import PipeliningTrust
from sse_digest.delivery.smtp.protocol import ConversationLostError, SmtpProtocol
from sse_digest.delivery.smtp.replies import SERVICE_NOT_AVAILABLE, SmtpReply, classify, lost
from sse_digest.model.deliveries import Outcome, Phase, Verdict

REPLIES = 4  # to RSET, MAIL, RCPT and BDAT
_NOT_UNDERSTOOD = frozenset({500, 501, 502, 503, 504})  # to BDAT: the relay may read its content as commands
_UNFIT = frozenset({500, 502, 503})  # to MAIL and RCPT, which every relay knows and which follow RSET here
OUT_OF_STEP = "the relay's replies are out of step with what it was sent"


class BdatStream:
    """The messages in flight in one session. Not for concurrent use."""

    def __init__(
        self, talk: SmtpProtocol, timeouts: Timeouts, trust: PipeliningTrust, offers: Extensions
    ) -> None:
        self._talk, self._timeouts, self._trust, self._offers = talk, timeouts, trust, offers
        self._in_flight = 0
        self._rest: Outcome | None = None  # the outcome of everything still in flight, once the session ended
        self._unwritten: list[Outcome] = []  # outcomes of messages that were never written

    def send(self, mails: Sequence[tuple[Envelope, MessageContent]]) -> None:
        """Write messages in one write.

        Raises:
            DeliveryError: an envelope cannot be written in SMTP; nothing was written.
        """
        parts: list[bytes] = []
        for envelope, content in mails:
            mail, rcpt = self._offers.mail(envelope, content), self._offers.rcpt(envelope)
            parts += (b"RSET\r\n", mail, b"\r\n", rcpt, b"\r\nBDAT %d LAST\r\n" % content.size_bytes)
            parts += content.pieces
        try:
            self._talk.write(parts, replies=REPLIES * len(mails))
        except ConversationLostError as error:  # nothing was written
            self._unwritten += [lost(Phase.MAIL, str(error))] * len(mails)
            return
        self._in_flight += len(mails)

    async def landed(self) -> list[Outcome]:
        """Return outcomes in the order of `send`: wait for the first, and add all that have arrived."""
        outcomes = [await self._outcome()] if self._in_flight else []
        while self._in_flight and (self._rest is not None or self._talk.has_replies(REPLIES)):
            outcomes.append(await self._outcome())
        if not self._in_flight:
            outcomes += self._unwritten
            self._unwritten = []
        return outcomes

    async def _outcome(self) -> Outcome:
        """Read the replies to the oldest message in flight and return its outcome."""
        self._in_flight -= 1
        if self._rest is not None:
            return self._rest
        refused: Outcome | None = None
        try:
            reply = await self._talk.read(self._timeouts.command_s)  # to RSET
            if reply.code // 100 != 2:
                return self._end(reply)
            for phase in (Phase.MAIL, Phase.RCPT):
                reply = await self._talk.read(self._timeouts.command_s)
                if _is_unfit(reply, first=refused is None):
                    last = self._end(reply)
                    return refused or last
                if refused is None and reply.code // 100 != 2:
                    refused = classify(reply, phase)
            reply = await self._talk.read(self._timeouts.content_s)
        except ConversationLostError as error:
            self._rest = lost(Phase.CONTENT, str(error))
            self._trust.lose()
            return refused or self._rest
        return self._refused_twice(reply, refused) if refused else self._judged(reply)

    def _judged(self, reply: SmtpReply) -> Outcome:
        """Return the outcome of a content whose envelope was accepted."""
        outcome = classify(reply, Phase.CONTENT)
        is_last = reply.code == SERVICE_NOT_AVAILABLE or reply.code in _NOT_UNDERSTOOD
        if is_last or outcome.verdict is Verdict.UNKNOWN:
            self._end(reply)
        elif outcome.verdict is Verdict.ACCEPTED:
            self._trust.land()
        return outcome

    def _refused_twice(self, reply: SmtpReply, refused: Outcome) -> Outcome:
        """Return the outcome of a message whose envelope was refused, given the reply to its content.

        Only a 5xx reply is expected. Any other reply ends the session. If the relay refused MAIL but accepts
        the content, the message is in doubt, because it may have accepted the recipient.
        """
        if reply.code // 100 == 5:
            return refused
        last = self._end(reply)
        return last if reply.code // 100 == 2 and refused.phase is Phase.MAIL else refused

    def _end(self, reply: SmtpReply) -> Outcome:
        """End the session after this reply and return the outcome of everything still in flight.

        421 means that the relay took nothing that follows. After an unexpected reply this is unknown.
        """
        if reply.code == SERVICE_NOT_AVAILABLE:
            self._rest = classify(reply, Phase.MAIL)
        else:
            self._rest = lost(Phase.CONTENT, f"{OUT_OF_STEP} ({reply.code})")
            self._trust.stop_streaming()
        self._talk.close()
        return self._rest


def _is_unfit(reply: SmtpReply, *, first: bool) -> bool:
    """Return whether a reply does not fit MAIL or RCPT, or announces that the relay closes the session.

    Args:
        reply: the reply.
        first: no command of this envelope was refused before; after a refusal, 503 is expected.
    """
    if reply.code == SERVICE_NOT_AVAILABLE or reply.code // 100 == 3:
        return True
    return first and reply.code in _UNFIT

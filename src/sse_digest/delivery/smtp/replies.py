"""What a relay's reply means: the verdict on one attempt, and whose fault a refusal is.

One table for every phase. A refusal that is our own fault never counts against a subscriber
(docs/promises.md, Deliveries 6). Basic codes: RFC 5321 section 4.2; enhanced codes: RFC 3463 and 5248.
"""

import re
from dataclasses import dataclass

from sse_digest.model.deliveries import SESSION_PHASES, Blame, Outcome, Phase, Verdict

TEXT_LIMIT = 500  # characters of a reply that are kept
SERVICE_NOT_AVAILABLE = 421
START_INPUT = 354

_ENHANCED = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})(?!\.?\d)")


@dataclass(frozen=True, slots=True)
class SmtpReply:
    """One complete reply of the relay."""

    code: int  # 200 to 599
    text: str  # its lines without codes, joined by " / ", at most 500 characters

    @property
    def enhanced(self) -> str | None:
        """The enhanced status code at the beginning of the text, if it is of the same class (RFC 2034)."""
        match = _ENHANCED.match(self.text)
        return match[0] if match and match[1] == str(self.code)[0] else None


# The address itself does not exist, or never will again (RFC 3463 section 3.2, RFC 5248).
_DEAD = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"})
# The reply is about the sender, the protocol or the relay's policy towards us.
_OURS = frozenset({"5.1.7", "5.1.8", "5.3.4"})
_SAYS_NOTHING = "5.5.0"  # also what some relays answer to an address that does not exist: the words decide
_OURS_SUBJECTS = ("5.5.", "5.6.", "5.7.")

# Only for replies without an enhanced code, where the basic code says too little.
_DEAD_WORDS = re.compile(
    r"(user|recipient|mailbox|address|account)\b.{0,40}"
    r"\b(unknown|not found|not exist|no longer|invalid|disabled|unavailable)"
    r"|(unknown|no such|invalid|nonexistent|non-existent)\b.{0,20}\b(user|recipient|mailbox|address|account)"
    r"|does(n't| not) exist|user doesn't have",
    re.IGNORECASE,
)
_OURS_WORDS = re.compile(
    r"relay(ing)?\b.{0,20}\b(denied|access|prohibited|not permitted)|not permitted to relay|authentic"
    r"|blocked|block ?list|blacklist|spam|policy|reputation|\b(spf|dkim|dmarc|ptr|rdns)\b|reverse dns"
    r"|sender (address )?(rejected|denied|verify)",
    re.IGNORECASE,
)


def classify(reply: SmtpReply, phase: Phase) -> Outcome:
    """Turn the reply to the command of one phase into an outcome.

    A reply that does not fit the phase (a 2xx to DATA, a 3xx to the content) is treated as a relay in
    trouble, or as no answer where the content was already handed over.
    """
    verdict, blame = _judge(reply, phase)
    return Outcome(
        verdict=verdict,
        blame=blame,
        phase=phase,
        code=reply.code,
        enhanced=reply.enhanced,
        text=reply.text[:TEXT_LIMIT],
    )


def _judge(reply: SmtpReply, phase: Phase) -> tuple[Verdict, Blame]:
    kind = reply.code // 100
    if kind == 2 and phase is Phase.CONTENT:  # classes of replies
        return Verdict.ACCEPTED, Blame.NONE
    if kind == 4:
        return Verdict.DEFERRED, _blame_for_now(reply, phase)
    if kind == 5:
        return _judge_refusal(reply, phase)
    return (Verdict.UNKNOWN if phase is Phase.CONTENT else Verdict.DEFERRED), Blame.RELAY


def _blame_for_now(reply: SmtpReply, phase: Phase) -> Blame:
    if reply.code == SERVICE_NOT_AVAILABLE or phase in SESSION_PHASES or phase in {Phase.MAIL, Phase.DATA}:
        return Blame.RELAY
    return Blame.RECIPIENT


def _judge_refusal(reply: SmtpReply, phase: Phase) -> tuple[Verdict, Blame]:
    if phase in SESSION_PHASES or phase is Phase.MAIL or _is_ours(reply, phase):
        return Verdict.DEFERRED, Blame.OURS
    says_enough = reply.enhanced is not None and reply.enhanced != _SAYS_NOTHING
    dead = reply.enhanced in _DEAD if says_enough else bool(_DEAD_WORDS.search(reply.text))
    if phase is Phase.RCPT and reply.code == 551:  # the user is not here any more, RFC 5321 section 3.4
        dead = True
    return Verdict.REJECTED, Blame.DEAD if dead else Blame.RECIPIENT


def _is_ours(reply: SmtpReply, phase: Phase) -> bool:
    enhanced = reply.enhanced
    if enhanced is not None:
        spoken_of_us = enhanced in _OURS or enhanced.startswith(_OURS_SUBJECTS)
        return spoken_of_us and not (enhanced == _SAYS_NOTHING and _DEAD_WORDS.search(reply.text))
    if phase is Phase.RCPT:
        bad_command = reply.code in {500, 501, 502, 503, 504}
        return bad_command or bool(_OURS_WORDS.search(reply.text) and not _DEAD_WORDS.search(reply.text))
    return True


def lost(phase: Phase, why: str) -> Outcome:
    """Return the outcome of a connection that ended or fell silent in `phase`.

    Before the content was written nothing can have been accepted; afterwards it is unknown (RFC 1047).
    """
    verdict = Verdict.UNKNOWN if phase is Phase.CONTENT else Verdict.DEFERRED
    return Outcome(verdict=verdict, blame=Blame.RELAY, phase=phase, text=why[:TEXT_LIMIT])


def unwritten(why: str) -> Outcome:
    """Return the outcome of a message that could not be written; it was never offered to the relay."""
    return Outcome(verdict=Verdict.DEFERRED, blame=Blame.OURS, phase=Phase.MAIL, text=why[:TEXT_LIMIT])


def unmailable(why: str) -> Outcome:
    """Return the outcome of an address that this relay cannot mail; it was never offered to the relay."""
    return Outcome(verdict=Verdict.REJECTED, blame=Blame.RECIPIENT, phase=Phase.MAIL, text=why[:TEXT_LIMIT])

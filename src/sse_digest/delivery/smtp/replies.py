"""Turn a relay's reply into an outcome: the verdict on one attempt, and whose fault a refusal is.

The same rules apply to every phase; `reply_words` interprets the words. A refusal that is our own fault
never counts against a subscriber (docs/promises.md, Deliveries 6). Basic codes: RFC 5321 section 4.2;
enhanced codes: RFC 3463 and 5248.
"""

import re
from dataclasses import dataclass

from sse_digest.delivery.smtp.reply_words import ReplySubject, subjects_of
from sse_digest.model.deliveries import SESSION_PHASES, Blame, Outcome, Phase, Verdict

TEXT_LIMIT = 500  # characters of a reply's text; the rest is dropped
SERVICE_NOT_AVAILABLE = 421
START_INPUT = 354

# Some relays put a mark before the code.
_ENHANCED = re.compile(r"[#\s(\[-]{0,3}(([245])\.(\d{1,3})\.(\d{1,3}))(?!\.?\d)")


@dataclass(frozen=True, slots=True)
class SmtpReply:
    """One complete reply of the relay."""

    code: int  # 200 to 599
    text: str  # the lines without codes, joined by " / ", at most 500 characters

    @property
    def enhanced(self) -> str | None:
        """The enhanced status code at the beginning of the text, if it is of the same class (RFC 2034)."""
        match = _ENHANCED.match(self.text)
        return match[1] if match and match[2] == str(self.code)[0] else None


# The address does not exist (RFC 3463 section 3.2, RFC 5248).
_DEAD = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10"})
# About the sender, or a limit of its account (RFC 3463; 5.4.5 is Google's, 5.1.90 and 5.2.252 Microsoft's).
_OURS = frozenset({"5.1.7", "5.1.8", "5.1.90", "5.2.252", "5.3.4", "5.4.5"})
# About the protocol, the content, or a policy towards us.
_OURS_SUBJECTS = ("5.5.", "5.6.", "5.7.")
_SAYS_NOTHING = "5.5.0"  # some relays also reply this to an address that does not exist, so the words decide
_MAILBOX_FULL = "5.2.2"


def classify(reply: SmtpReply, phase: Phase) -> Outcome:
    """Turn the reply to the command of one phase into an outcome.

    A reply that does not fit the phase (such as 2xx to DATA or 3xx to the content) counts as trouble of the
    relay or, if the content was already handed over, as no reply.
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
    kind = reply.code // 100  # the class of the reply
    if kind == 2 and phase is Phase.CONTENT:
        return Verdict.ACCEPTED, Blame.NONE
    if kind == 4:
        return Verdict.DEFERRED, _blame_for_now(reply, phase)
    if kind == 5:
        return _judge_refusal(reply, phase)
    return (Verdict.UNKNOWN if phase is Phase.CONTENT else Verdict.DEFERRED), Blame.RELAY


def _blame_for_now(reply: SmtpReply, phase: Phase) -> Blame:
    if reply.code == SERVICE_NOT_AVAILABLE or phase in SESSION_PHASES or phase in {Phase.MAIL, Phase.DATA}:
        return Blame.RELAY
    return Blame.RELAY if ReplySubject.RATE in subjects_of(reply.text) else Blame.RECIPIENT


def _judge_refusal(reply: SmtpReply, phase: Phase) -> tuple[Verdict, Blame]:
    if phase in SESSION_PHASES or phase is Phase.MAIL:
        return Verdict.DEFERRED, Blame.OURS
    blame = _blame_for_refusal(reply, phase)
    return Verdict.DEFERRED if blame is Blame.OURS else Verdict.REJECTED, blame


def _blame_for_refusal(reply: SmtpReply, phase: Phase) -> Blame:
    """Judge a refusal of a recipient or a content. Words about us or our pace take precedence."""
    enhanced, subjects = reply.enhanced or "", subjects_of(reply.text)
    if enhanced == _MAILBOX_FULL and subjects & {ReplySubject.PERSON, ReplySubject.RATE} != {
        ReplySubject.RATE
    }:
        return Blame.RECIPIENT
    if subjects & {ReplySubject.RATE, ReplySubject.US} or enhanced in _OURS:
        return Blame.OURS
    if subjects & {ReplySubject.PERSON, ReplySubject.LATER}:
        return Blame.RECIPIENT if ReplySubject.PERSON in subjects else Blame.OURS
    if enhanced.startswith(_OURS_SUBJECTS) and enhanced != _SAYS_NOTHING:
        return Blame.RECIPIENT if ReplySubject.MISSING in subjects else Blame.OURS  # code and words disagree
    if enhanced in _DEAD or ReplySubject.MISSING in subjects:
        return Blame.DEAD
    return Blame.RECIPIENT if enhanced else _blame_without_words(reply.code, phase)


def _blame_without_words(code: int, phase: Phase) -> Blame:
    """Judge a refusal by its basic code alone (RFC 5321 section 4.2)."""
    if phase is not Phase.RCPT or code in {500, 501, 502, 503, 504}:
        return Blame.OURS
    return Blame.DEAD if code == 551 else Blame.RECIPIENT  # 551: the user is no longer here (section 3.4)


def lost(phase: Phase, why: str) -> Outcome:
    """Return the outcome of an attempt whose connection was lost or timed out in `phase`.

    Before the content is written, the relay cannot have accepted anything; afterwards the outcome is unknown
    (RFC 1047).
    """
    verdict = Verdict.UNKNOWN if phase is Phase.CONTENT else Verdict.DEFERRED
    return Outcome(verdict=verdict, blame=Blame.RELAY, phase=phase, text=why[:TEXT_LIMIT])


def unwritten(why: str) -> Outcome:
    """Return the outcome of a message that could not be written. It was never offered to a relay."""
    return Outcome(verdict=Verdict.DEFERRED, blame=Blame.OURS, phase=Phase.MAIL, text=why[:TEXT_LIMIT])


def unmailable(why: str) -> Outcome:
    """Return the outcome of a message whose address the relay cannot mail. It was never offered to it."""
    return Outcome(verdict=Verdict.REJECTED, blame=Blame.RECIPIENT, phase=Phase.MAIL, text=why[:TEXT_LIMIT])

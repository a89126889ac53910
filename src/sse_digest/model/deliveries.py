"""Deliveries: the states one mail to one person goes through, and the rules between them.

Pure decisions only: what an outcome leads to, when a delivery is due again, whether the account
balances. Nothing here talks to a relay or a database (docs/promises.md, Deliveries).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class State(StrEnum):
    """Where a delivery stands; exactly one at a time."""

    PLANNED = "planned"  # to be submitted, by anyone
    CLAIMED = "claimed"  # one living sender has it in hand; at most its envelope was written
    SUBMITTING = "submitting"  # committed before the first byte of the content is written
    ACCEPTED = "accepted"  # the relay answered 2xx to the content; not proof of arrival
    DEFERRED = "deferred"  # refused for now, or for a reason that is ours; due again later
    REJECTED = "rejected"  # the relay refused permanently
    IN_DOUBT = "in_doubt"  # handed over, no answer seen: the relay may or may not have it
    EXPIRED = "expired"  # the deadline passed while it was open
    CANCELLED = "cancelled"  # an operator decided that it is not to be submitted
    SKIPPED = "skipped"  # a decision not to send, with its reason


OPEN = (State.PLANNED, State.CLAIMED, State.SUBMITTING, State.DEFERRED, State.IN_DOUBT)
CLOSED = (State.ACCEPTED, State.REJECTED, State.EXPIRED, State.CANCELLED, State.SKIPPED)


class Skip(StrEnum):
    """Why a delivery is not sent."""

    NOTHING_FOR_THEMES = "nothing for the chosen themes"
    SUPPRESSED = "suppressed"
    NOT_ACTIVE = "subscription not active"
    ERASED = "subscriber erased"
    UNSENDABLE_ADDRESS = "address cannot be written in SMTP"


class Phase(StrEnum):
    """The SMTP step a reply, or a silence, belongs to (RFC 5321 section 3)."""

    CONNECT = "connect"
    GREETING = "greeting"
    EHLO = "ehlo"
    STARTTLS = "starttls"
    AUTH = "auth"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    CONTENT = "content"  # from the first byte of the content to the reply after the final dot


SESSION_PHASES = (Phase.CONNECT, Phase.GREETING, Phase.EHLO, Phase.STARTTLS, Phase.AUTH)


class Verdict(StrEnum):
    """What one attempt said."""

    ACCEPTED = "accepted"
    DEFERRED = "deferred"
    REJECTED = "rejected"
    UNKNOWN = "unknown"  # the content went out and no answer came (RFC 1047)


class Blame(StrEnum):
    """Whose trouble a refusal is; decides whether a subscriber may be touched."""

    NONE = "none"  # not a refusal
    DEAD = "dead"  # the address does not exist: it is suppressed when the send ends
    RECIPIENT = "recipient"  # this recipient only, the address may live (mailbox full, policy there)
    OURS = "ours"  # our authentication, reputation, configuration or content
    RELAY = "relay"  # the relay is busy, restarting or unreachable


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one attempt at one delivery said."""

    verdict: Verdict
    blame: Blame
    phase: Phase
    code: int | None = None  # None: no reply was read
    enhanced: str | None = None  # "5.1.1" (RFC 3463); None: the reply has none
    text: str = ""  # the reply as read, lines joined by " / ", at most 500 characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The state an outcome leads to. `due` is None unless the delivery waits for a time."""

    state: State
    due: datetime | None = None
    held: bool = False  # waits for a decision: in doubt, or rejected because the address seems not to exist
    doubts: int = 0  # how often the delivery has been in doubt, this time included


class DoubtPolicy(StrEnum):
    """What happens with a delivery whose answer was never seen."""

    RESEND = "resend"  # once; nobody misses an issue
    HOLD = "hold"  # never by itself; nobody sees an issue twice


def settle(
    outcome: Outcome,
    *,
    attempts: int,
    doubts: int,
    policy: DoubtPolicy,
    delays: Sequence[timedelta],
    give_up_at: datetime,
    now: datetime,
) -> Step:
    """Decide what an outcome leads to.

    Args:
        attempts: how many attempts were made, this one included; at least 1.
        doubts: how often the delivery was in doubt before.
        delays: waiting times after the first, second, ... refusal; the last one repeats.
        give_up_at: a refusal of the recipient for now that comes later is the last. Not so for a fault of
            ours or of the relay: that waits until it is cured, because nobody shall miss an issue for it.
    """
    if outcome.verdict is Verdict.ACCEPTED:
        return Step(state=State.ACCEPTED, doubts=doubts)
    if outcome.verdict is Verdict.UNKNOWN:
        return doubt(doubts=doubts, policy=policy)
    if outcome.verdict is Verdict.REJECTED:
        return Step(state=State.REJECTED, doubts=doubts, held=outcome.blame is Blame.DEAD)
    if now >= give_up_at and outcome.blame in (Blame.RECIPIENT, Blame.DEAD):
        return Step(state=State.EXPIRED, doubts=doubts)
    return Step(state=State.DEFERRED, due=now + delays[min(attempts, len(delays)) - 1], doubts=doubts)


def doubt(*, doubts: int, policy: DoubtPolicy) -> Step:
    """Decide what happens to a delivery that is found in doubt again.

    It is planned again at most once; a second doubt is held, so that nobody sees three copies.
    """
    if policy is DoubtPolicy.RESEND and doubts == 0:
        return Step(state=State.PLANNED, doubts=1)
    return Step(state=State.IN_DOUBT, held=True, doubts=doubts + 1)


def pauses_for_ours(*, refused: int, attempted: int, limit_count: int, limit_share: float) -> bool:
    """Return whether so many deliveries were refused for our own fault that sending must stop."""
    return refused >= limit_count and refused >= limit_share * attempted


DEAD_LIMIT_COUNT, DEAD_LIMIT_SHARE = 10, 0.05


def pauses_for_dead(*, dead: int, attempted: int, total: int) -> bool:
    """Return whether so many addresses seem not to exist that the relay may be wrong about them.

    Args:
        dead: deliveries rejected because the address does not exist, and not confirmed by an admin.
        attempted: deliveries that were tried.
        total: deliveries of the issue.
    """
    if dead == attempted:
        return dead > 0 and dead >= min(DEAD_LIMIT_COUNT, total)
    return dead >= DEAD_LIMIT_COUNT and dead > DEAD_LIMIT_SHARE * attempted


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The account of one issue: every delivery in exactly one state."""

    total: int  # fixed when the recipients were fixed
    states: Mapping[State, int]
    held: int = 0  # of those in doubt

    @property
    def open(self) -> int:
        """How many deliveries still have something to come."""
        return sum(self.states.get(state, 0) for state in OPEN)

    @property
    def closed(self) -> int:
        """How many deliveries are finished."""
        return sum(self.states.get(state, 0) for state in CLOSED)

    @property
    def balances(self) -> bool:
        """Whether every recipient that was fixed is in exactly one state."""
        return self.total == self.open + self.closed

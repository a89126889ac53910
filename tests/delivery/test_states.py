"""Random events on a ledger: whatever happens in whatever order, the promises of the states hold."""

from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from sse_digest.model.deliveries import (
    Blame,
    DoubtPolicy,
    Outcome,
    Phase,
    State,
    Verdict,
    settle,
)
from sse_digest.store import open_store
from sse_digest.store.sending import accounts, delivery_batches, operator
from sse_digest.store.sending import deliveries as ledger
from sse_digest.store.sending.deliveries import ClaimedDelivery
from sse_digest.store.sending.delivery_batches import SettledDelivery
from tests.delivery.ground import ISSUE, plan

COUNT = 3
SENDERS = st.sampled_from(["ana", "ben"])
OUTCOMES = st.sampled_from(
    [
        (Verdict.ACCEPTED, Blame.NONE),
        (Verdict.DEFERRED, Blame.RECIPIENT),
        (Verdict.DEFERRED, Blame.OURS),
        (Verdict.REJECTED, Blame.RECIPIENT),
        (Verdict.REJECTED, Blame.DEAD),
        (Verdict.UNKNOWN, Blame.RELAY),
    ]
)
Moves = set[tuple[State, State]]
CLAIM: Moves = {(State.PLANNED, State.CLAIMED), (State.DEFERRED, State.CLAIMED)}
INTEND: Moves = {(State.CLAIMED, State.SUBMITTING)}
RECORD: Moves = {
    (State.SUBMITTING, state)
    for state in (
        State.ACCEPTED,
        State.DEFERRED,
        State.REJECTED,
        State.EXPIRED,
        State.IN_DOUBT,
        State.PLANNED,
    )
}
RECOVER: Moves = {
    (State.CLAIMED, State.PLANNED),
    (State.SUBMITTING, State.PLANNED),
    (State.SUBMITTING, State.IN_DOUBT),
}
CANCEL: Moves = {(State.PLANNED, State.CANCELLED), (State.DEFERRED, State.CANCELLED)}
AGAIN: Moves = {(State.REJECTED, State.PLANNED), (State.EXPIRED, State.PLANNED)}
RESOLVE: Moves = {(State.IN_DOUBT, State.PLANNED), (State.IN_DOUBT, State.CANCELLED)}


class Ledger(RuleBasedStateMachine):
    """Two senders, an operator and a clock over one small issue."""

    def __init__(self) -> None:
        super().__init__()
        self.store = open_store("sqlite://")
        plan(self.store, COUNT)
        self.now = datetime(2023, 5, 1, 8, tzinfo=UTC)
        self.held: dict[str, list[ClaimedDelivery]] = {
            "ana": [],
            "ben": [],
        }  # also what was taken from them since
        self.before = self.states()
        self.accepted: set[int] = set()
        self.resends = dict.fromkeys(range(1, COUNT + 1), 0)  # out of doubt without an operator

    @initialize(policy=st.sampled_from(DoubtPolicy))
    def choose(self, policy: DoubtPolicy) -> None:
        self.policy = policy

    def states(self) -> dict[int, State]:
        with self.store.reading() as connection:
            rows = connection.rows("SELECT id, state FROM deliveries")
        return {row["id"]: State(row["state"]) for row in rows}

    def moved(self, allowed: Moves) -> dict[int, tuple[State, State]]:
        """Return what changed, all of it by a way that is allowed."""
        after = self.states()
        assert after.keys() == self.before.keys()
        moves = {key: (self.before[key], after[key]) for key in after if after[key] != self.before[key]}
        assert set(moves.values()) <= allowed
        self.before = after
        for key, move in moves.items():
            if move == (State.SUBMITTING, State.PLANNED):
                self.resends[key] += 1
        self.accepted |= {key for key, state in after.items() if state is State.ACCEPTED}
        return moves

    @rule(sender=SENDERS, limit=st.integers(1, COUNT))
    def claim(self, sender: str, limit: int) -> None:
        with self.store.writing() as connection:
            taken = ledger.claim(connection, *ISSUE, sender=sender, limit=limit, now=self.now)
        self.held[sender] += taken
        assert self.moved(CLAIM).keys() == {row.id for row in taken}

    @rule(sender=SENDERS)
    def begin(self, sender: str) -> None:
        self.claim(sender, 1)
        self.intend(sender, 0)

    @rule(sender=SENDERS, chosen=st.integers(0, 3))
    def intend(self, sender: str, chosen: int) -> None:
        if not (rows := self.held[sender]):
            return
        row = rows[-1 - chosen % len(rows)]  # most often the newest

        with self.store.writing() as connection:
            fits = delivery_batches.intend_all(connection, [(row, self.now)], sender=sender, now=self.now)
        assert self.moved(INTEND).keys() == ({row.id} if fits else set())

    @rule(sender=SENDERS, chosen=st.integers(0, 3), said=OUTCOMES)
    def record(self, sender: str, chosen: int, said: tuple[Verdict, Blame]) -> None:
        if not (rows := self.held[sender]):
            return
        row = rows[-1 - chosen % len(rows)]  # most often the newest
        outcome = Outcome(verdict=said[0], blame=said[1], phase=Phase.CONTENT)
        step = settle(
            outcome,
            attempts=row.attempts + 1,
            doubts=row.doubts,
            policy=self.policy,
            delays=(timedelta(minutes=5),),
            give_up_at=(row.first_attempt or self.now) + timedelta(hours=1),
            now=self.now,
        )

        with self.store.writing() as connection:
            settled = [SettledDelivery(row=row, step=step, outcome=outcome)]
            fits = delivery_batches.record_all(connection, settled, sender=sender, now=self.now)
        assert self.moved(RECORD).keys() == ({row.id} if fits else set())

    @rule(sender=SENDERS)
    def die(self, sender: str) -> None:
        """It is recovered; what it believes to have in hand stays, as if it were only frozen."""
        with self.store.writing() as connection:
            ledger.recover(connection, dead=sender, policy=self.policy, now=self.now)
        self.moved(RECOVER)

    @rule(seldom=st.integers(0, 9))
    def cancel(self, seldom: int) -> None:
        if seldom:
            return

        with self.store.writing() as connection:
            count = operator.cancel(connection, *ISSUE, now=self.now)
        assert len(self.moved(CANCEL)) == count

    @rule()
    def try_again(self) -> None:
        with self.store.writing() as connection:
            count = operator.plan_failed(connection, *ISSUE, now=self.now)
        assert len(self.moved(AGAIN)) == count

    @rule(resend=st.booleans())
    def resolve(self, resend: bool) -> None:
        with self.store.writing() as connection:
            count = ledger.resolve(connection, *ISSUE, ids=None, resend=resend, now=self.now)
        assert len(self.moved(RESOLVE)) == count

    @rule(hours=st.integers(-24, 24))
    def time_passes_or_is_set_back(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @invariant()
    def the_account_balances(self) -> None:
        with self.store.reading() as connection:
            account = accounts.account(connection, *ISSUE)
        assert account is not None
        assert account.total == COUNT
        assert account.balances

    @invariant()
    def what_was_accepted_stays_accepted(self) -> None:
        assert all(self.before[key] is State.ACCEPTED for key in self.accepted)

    @invariant()
    def nobody_leaves_doubt_twice_without_an_operator(self) -> None:
        limit = 1 if getattr(self, "policy", None) is DoubtPolicy.RESEND else 0
        assert max(self.resends.values()) <= limit

    def teardown(self) -> None:
        self.store.close()


Ledger.TestCase.settings = settings(max_examples=20, stateful_step_count=40, deadline=None)
TestLedger = Ledger.TestCase

"""What an outcome leads to, and when the account balances."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sse_digest.model.deliveries import (
    CLOSED,
    OPEN,
    Account,
    Blame,
    DoubtPolicy,
    Outcome,
    Phase,
    State,
    Step,
    Verdict,
    doubt,
    pauses_for_ours,
    settle,
)

NOW = datetime(2023, 5, 1, tzinfo=UTC)
DELAYS = (timedelta(minutes=5), timedelta(minutes=15))
POLICIES = st.sampled_from(DoubtPolicy)


def outcome(verdict: Verdict, blame: Blame = Blame.NONE) -> Outcome:
    return Outcome(verdict=verdict, blame=blame, phase=Phase.CONTENT)


def settled(
    found: Outcome,
    *,
    attempts: int = 1,
    doubts: int = 0,
    policy: DoubtPolicy = DoubtPolicy.RESEND,
    give_up_at: datetime = NOW + timedelta(days=4),
) -> Step:
    return settle(
        found,
        attempts=attempts,
        doubts=doubts,
        policy=policy,
        delays=DELAYS,
        give_up_at=give_up_at,
        now=NOW,
    )


def test_every_state_is_open_or_closed() -> None:
    assert sorted([*OPEN, *CLOSED]) == sorted(State)


def test_acceptance_closes() -> None:
    assert settled(outcome(Verdict.ACCEPTED), doubts=1) == Step(state=State.ACCEPTED, doubts=1)


def test_a_refusal_for_now_waits_longer_each_time() -> None:
    due = [settled(outcome(Verdict.DEFERRED, Blame.RELAY), attempts=n).due for n in (1, 2, 3, 9)]

    assert due == [NOW + DELAYS[0], NOW + DELAYS[1], NOW + DELAYS[1], NOW + DELAYS[1]]


@pytest.mark.parametrize(
    ("blame", "state"),
    [
        (Blame.RECIPIENT, State.EXPIRED),
        (Blame.RELAY, State.DEFERRED),
        (Blame.OURS, State.DEFERRED),  # it waits until it is cured
    ],
)
def test_a_refusal_for_now_past_the_deadline_is_the_last(blame: Blame, state: State) -> None:
    assert settled(outcome(Verdict.DEFERRED, blame), give_up_at=NOW).state == state
    assert settled(outcome(Verdict.UNKNOWN), give_up_at=NOW).state == State.PLANNED
    assert settled(outcome(Verdict.ACCEPTED), give_up_at=NOW).state == State.ACCEPTED


@pytest.mark.parametrize(("blame", "held"), [(Blame.DEAD, True), (Blame.RECIPIENT, False)])
def test_only_a_dead_address_waits_to_be_suppressed(blame: Blame, held: bool) -> None:
    step = settled(outcome(Verdict.REJECTED, blame))

    assert (step.state, step.held) == (State.REJECTED, held)


def test_the_first_doubt_is_resent_the_second_is_held() -> None:
    assert settled(outcome(Verdict.UNKNOWN)) == Step(state=State.PLANNED, doubts=1)
    assert settled(outcome(Verdict.UNKNOWN), doubts=1) == Step(state=State.IN_DOUBT, held=True, doubts=2)


@given(doubts=st.integers(0, 5))
def test_with_hold_no_doubt_is_ever_resent(doubts: int) -> None:
    step = doubt(doubts=doubts, policy=DoubtPolicy.HOLD)

    assert (step.state, step.held) == (State.IN_DOUBT, True)


@given(verdicts=st.lists(st.sampled_from(Verdict), max_size=12), policy=POLICIES)
def test_no_sequence_of_outcomes_hands_over_more_than_two_unanswered_copies(
    verdicts: list[Verdict], policy: DoubtPolicy
) -> None:
    doubts = unanswered = 0
    for attempts, verdict in enumerate(verdicts, start=1):
        step = settled(outcome(verdict, Blame.RECIPIENT), attempts=attempts, doubts=doubts, policy=policy)
        unanswered += verdict is Verdict.UNKNOWN
        doubts = step.doubts
        if step.state not in {State.PLANNED, State.DEFERRED}:
            break

    assert unanswered <= (2 if policy is DoubtPolicy.RESEND else 1)


@pytest.mark.parametrize(
    ("refused", "attempted", "pauses"),
    [(19, 19, False), (20, 20, True), (20, 1000, True), (20, 1001, False), (21, 1050, True), (0, 0, False)],
)
def test_our_own_fault_pauses_by_number_and_share(refused: int, attempted: int, pauses: bool) -> None:
    assert pauses_for_ours(refused=refused, attempted=attempted, limit_count=20, limit_share=0.02) is pauses


@given(st.dictionaries(st.sampled_from(State), st.integers(0, 1000)))
def test_the_account_balances_exactly_when_nobody_is_missing(states: dict[State, int]) -> None:
    total = sum(states.values())

    assert Account(total=total, states=states).balances
    assert not Account(total=total + 1, states=states).balances
    assert Account(total=total, states=states).open + Account(total=total, states=states).closed == total

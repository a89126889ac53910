"""What a drill found is measured against each part of the promise."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from sse_digest.model.deliveries import Account, DoubtPolicy, State
from sse_digest.sandbox.drill_report import DrillResult
from sse_digest.store.sending.accounts import DeliveryRow

FIVE = ("a", "b", "c", "d", "e")


def told(address: str, state: State = State.ACCEPTED, *, doubts: int = 0, held: bool = False) -> DeliveryRow:
    return DeliveryRow(
        id=1,
        address=address,
        list="readers",
        language="en",
        themes="youth",
        state=state,
        reason=None,
        held=held,
        doubts=doubts,
        attempts=1 + doubts,
        message_id="m",
        changed_at=datetime(2023, 5, 2, tzinfo=UTC),
    )


def drilled(**changes: object) -> DrillResult:
    """Return a good end of a drill: everybody once, but a was in doubt and got two."""
    good = DrillResult(
        people=5,
        kills_wanted=3,
        kills=3,
        in_doubt_limit=2,
        policy=DoubtPolicy.RESEND,
        copies={"a": 2, "b": 1, "c": 1, "d": 1, "e": 1},
        worst=1,
        account=Account(total=5, states={State.ACCEPTED: 5}),
        told=[told("a", doubts=1), *(told(name) for name in FIVE[1:])],
    )
    return replace(good, **changes)  # type: ignore[arg-type] # the test's own changes


def test_a_kept_promise_has_nothing_to_say() -> None:
    found = drilled()

    assert list(found.broken()) == []
    assert (found.accepted, found.doubts, found.held, found.twice, found.missed) == (5, 1, 0, 1, 0)


def test_who_got_none_but_is_listed_as_in_doubt_is_not_lost() -> None:
    listed = [told("a", State.IN_DOUBT, doubts=2, held=True), *(told(name) for name in FIVE[1:])]
    account = Account(total=5, states={State.ACCEPTED: 4, State.IN_DOUBT: 1}, held=1)
    found = drilled(copies=dict.fromkeys(FIVE[1:], 1), told=listed, account=account)

    assert list(found.broken()) == []
    assert (found.missed, found.missed_unlisted, found.held) == (1, 0, 1)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"copies": {"a": 1, "b": 1, "c": 1, "d": 1}}, "1 person got no copy without being listed"),
        ({"copies": {"a": 1, "b": 2, "c": 1, "d": 1, "e": 1}}, "1 person got a second copy without ever"),
        ({"policy": DoubtPolicy.HOLD}, '1 person got a second copy with in_doubt = "hold"'),
        ({"copies": {"a": 3, "b": 1, "c": 1, "d": 1, "e": 1}}, "1 person got a third copy or more (up to 3)"),
        ({"worst": 3}, "3 second copies after one kill; K is 2."),
        ({"unbalanced": 1}, "The account does not balance."),
        ({"people": 6}, "The account does not balance."),
        ({"account": Account(total=5, states={State.ACCEPTED: 4})}, "The account does not balance."),
        (
            {"account": Account(total=5, states={State.ACCEPTED: 4, State.DEFERRED: 1})},
            "1 person had an open delivery after the last send.",
        ),
    ],
)  # fmt: skip
def test_each_part_of_the_promise_can_break(changes: Mapping[str, object], said: str) -> None:
    broken = list(drilled(**changes).broken())

    assert len(broken) == 1
    assert broken[0].startswith(said)

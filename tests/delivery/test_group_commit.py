"""Several intents and outcomes in one transaction: one that fails costs the others nothing."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from sse_digest.delivery.group_commit import GroupCommitter, LostDeliveryError
from sse_digest.delivery.job import Job, Recipient
from sse_digest.delivery.smtp.envelope import Envelope, content_of
from sse_digest.model.deliveries import Blame, Outcome, Phase, Skip, State, Step, Verdict
from sse_digest.store import Connection, Store
from sse_digest.store.sending import deliveries as ledger
from sse_digest.store.sending.deliveries import ClaimedDelivery
from tests.delivery.ground import ISSUE, NOW, Ground, People, plan, send_state

TAKEN = Outcome(verdict=Verdict.ACCEPTED, blame=Blame.NONE, phase=Phase.CONTENT, code=250)
DONE = Step(state=State.ACCEPTED)


@pytest.fixture
def ground(store: Store, tmp_path: Path) -> Ground:
    plan(store, 3)
    return Ground(store, tmp_path / "senders")


async def claimed(ground: Ground) -> list[Job]:
    def work(whole: Connection) -> tuple[Sequence[ClaimedDelivery], Mapping[int, Recipient | Skip]]:
        rows = ledger.claim(whole, *ISSUE, sender="me", limit=3, now=NOW)
        return rows, ground.people.recipients(whole, rows)

    rows, people = await ground.store.write_deliveries(work)
    found = []
    for row in rows:
        recipient = people[row.id]
        assert isinstance(recipient, Recipient)
        envelope = Envelope("b@example.org", recipient.address)
        found.append(Job(row=row, recipient=recipient, date=NOW, envelope=envelope, content=content_of(b"")))
    return found


def take_away(ground: Ground, number: int) -> None:
    """Let another sender have the delivery, as after this one was believed dead."""
    with ground.store.writing() as connection:
        connection.execute(
            "UPDATE deliveries SET sender = 'another', claim = claim + 1 WHERE subscriber_id = ?", (number,)
        )


def commits(ground: Ground, *, lines: int = 1) -> GroupCommitter:
    return GroupCommitter(ground.job(sender="me", connections=lines), send_state())


async def test_an_intent_that_was_taken_away_fails_alone(ground: Ground) -> None:
    first, second, third = await claimed(ground)
    take_away(ground, 2)

    async with commits(ground) as writing:
        said = await asyncio.gather(*map(writing.intend, (first, second, third)), return_exceptions=True)

    assert [type(one) for one in said] == [Recipient, LostDeliveryError, Recipient]
    states = {number: state for number, (state, _, _) in (ground.rows()).items()}
    assert states == {1: State.SUBMITTING, 2: State.CLAIMED, 3: State.SUBMITTING}


async def test_an_outcome_that_was_taken_away_fails_alone_and_leaves_no_attempt(ground: Ground) -> None:
    first, second, third = await claimed(ground)
    async with commits(ground) as writing:
        await asyncio.gather(writing.intend(first), writing.intend(second))
        take_away(ground, 2)
        for one in (first, second):
            writing.record(one, TAKEN, DONE)
        with pytest.raises(
            LostDeliveryError
        ):  # nothing more is begun after an outcome that could not be written
            await writing.intend(third)

    assert isinstance(writing.failure, LostDeliveryError)
    assert (ground.rows())[1][0] == State.ACCEPTED
    assert (ground.rows())[2][0] == State.SUBMITTING
    assert (ground.rows())[3][0] == State.CLAIMED
    with ground.store.reading() as connection:
        noted = [number for (number,) in connection.rows("SELECT delivery_id FROM attempts")]
    assert noted == [first.row.id]


async def test_each_outcome_of_a_group_ends_on_its_own_delivery(ground: Ground) -> None:
    first, second, third = await claimed(ground)
    full = Outcome(
        verdict=Verdict.DEFERRED, blame=Blame.RECIPIENT, phase=Phase.RCPT, code=452, text="mailbox full"
    )
    async with commits(ground) as writing:
        await asyncio.gather(*map(writing.intend, (first, second, third)))
        writing.record(first, replace(TAKEN, text="queued as A"), DONE)
        writing.record(second, full, Step(state=State.DEFERRED, due=NOW))
        writing.record(third, replace(TAKEN, text="queued as C"), DONE)

    assert [state for state, _, _ in (ground.rows()).values()] == [
        State.ACCEPTED,
        State.DEFERRED,
        State.ACCEPTED,
    ]
    with ground.store.reading() as connection:
        words = {
            row["delivery_id"]: row["reply"]
            for row in connection.rows("SELECT delivery_id, reply FROM attempts")
        }
    assert words == {
        first.row.id: "queued as A",
        second.row.id: "mailbox full",
        third.row.id: "queued as C",
    }


async def test_one_line_waits_for_nobody(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sse_digest.delivery.group_commit.MOMENT_S", 3600)
    first, _, _ = await claimed(ground)
    async with commits(ground) as writing:
        async with asyncio.timeout(60):
            assert await writing.intend(first) == first.recipient


async def test_of_several_lines_the_first_waits_a_moment_for_the_next(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sse_digest.delivery.group_commit.MOMENT_S", 1)
    first, second, _ = await claimed(ground)
    async with commits(ground, lines=4) as writing:
        before = writing.intend(first)
        await asyncio.sleep(0.01)  # many turns of the loop
        after = writing.intend(second)
        await before
        assert after.done()  # in the same commit


async def test_a_moment_ends_when_half_of_the_lines_have_asked_and_when_no_more_will(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sse_digest.delivery.group_commit.MOMENT_S", 3600)
    first, second, third = await claimed(ground)
    async with asyncio.timeout(60), commits(ground, lines=2) as writing:
        before = writing.intend(first)
        await asyncio.sleep(0.01)
        assert not before.done()
        await asyncio.gather(before, writing.intend(second))
        last = writing.intend(third)
        await asyncio.sleep(0.01)
        assert not last.done()

    assert await last == third.recipient


async def test_who_no_longer_waits_is_committed_all_the_same(ground: Ground) -> None:
    first, second, _ = await claimed(ground)
    async with commits(ground) as writing:
        gone = writing.intend(first)
        gone.cancel()
        await writing.intend(second)

    assert (ground.rows())[1][0] == (ground.rows())[2][0] == State.SUBMITTING


async def test_somebody_nobody_can_look_up_costs_the_others_nothing(ground: Ground) -> None:
    class Torn(People):
        def recipients(
            self, connection: Connection, rows: Sequence[ClaimedDelivery]
        ) -> Mapping[int, Recipient | Skip]:
            if any(row.subscriber_id == 2 for row in rows):
                raise ValueError("a row that cannot be read")
            return super().recipients(connection, rows)

    submissions = await claimed(ground)
    ground.people = Torn()
    async with commits(ground) as writing:
        said = await asyncio.gather(*map(writing.intend, submissions), return_exceptions=True)

    assert [type(one) for one in said] == [Recipient, ValueError, Recipient]


async def test_what_was_written_down_is_committed_though_the_loop_has_ended_meanwhile(ground: Ground) -> None:
    first, _, _ = await claimed(ground)
    ended = asyncio.new_event_loop()
    ended.close()
    writing = commits(ground)
    asked = writing.intend(first)

    await ground.store.write_deliveries(lambda whole: writing._write(whole, writing._waiting, ended))

    assert not asked.done()
    assert (ground.rows())[1][0] == State.SUBMITTING

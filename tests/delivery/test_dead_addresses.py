"""Addresses that do not exist are suppressed when the send ends, and only if the relay can be believed."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sse_digest.model.deliveries import State, pauses_for_dead
from sse_digest.store import Store
from sse_digest.store.sending import dead_addresses
from tests.delivery.ground import ISSUE, NOW, Ground, everybody, plan
from tests.smtp_server import listening, recipients

GONE = "550 5.1.1 User unknown in local recipient table"
KEYS = (b"0123456789abcdef0123456789abcdef",)


@pytest.fixture
def ground(store: Store, tmp_path: Path) -> Ground:
    plan(store, 10)
    return Ground(store, tmp_path / "senders")


@pytest.mark.parametrize(
    ("dead", "attempted", "total", "pauses"),
    [
        (0, 0, 10, False),
        (1, 10, 10, False),
        (9, 100, 1000, False),
        (10, 10, 1000, True),  # all of the first ten
        (9, 9, 1000, False),
        (3, 3, 3, True),  # the whole of a short list
        (10, 100, 1000, True),
        (10, 200, 1000, False),  # 5 %
        (11, 219, 1000, True),
        (50, 1000, 1000, False),
    ],
)
def test_too_many_dead_are_not_believed(dead: int, attempted: int, total: int, *, pauses: bool) -> None:
    assert pauses_for_dead(dead=dead, attempted=attempted, total=total) is pauses


@given(attempted=st.integers(11, 10**6), total=st.integers(11, 10**6))
def test_a_few_dead_addresses_never_stop_a_send(attempted: int, total: int) -> None:
    assert not pauses_for_dead(dead=min(9, attempted // 20), attempted=attempted, total=total)


async def test_a_few_are_settled_when_the_send_ends(ground: Ground) -> None:
    async with listening(RCPT=lambda to: GONE if to.startswith("p2@") else "250 ok") as server:
        report = await ground.send(server)

    assert report.is_clean
    assert report.progress.suppressed == 1
    with ground.store.reading() as connection:
        assert dead_addresses.held_dead(connection, *ISSUE) == []


async def test_a_relay_that_lost_its_table_stops_the_send_and_kills_nobody(ground: Ground) -> None:
    async with listening(RCPT=GONE) as server:
        report = await ground.send(server, connections=1)
        assert not report.is_clean
        assert report.progress.alarm is not None
        assert "No address was suppressed" in report.progress.alarm
        with ground.store.reading() as connection:
            held = dead_addresses.held_dead(connection, *ISSUE)
        assert len(held) == report.account.states[State.REJECTED]

        with ground.store.writing() as connection:
            taken = dead_addresses.take_back_dead(connection, *ISSUE, why="its table was lost", now=NOW)
        server.script.clear()
        again = await ground.send(server)

    assert taken == len(held)
    assert again.account.states == {State.ACCEPTED: 10}
    assert sorted(recipients(server)) == everybody()


async def test_what_an_admin_confirms_stops_nothing_any_more(ground: Ground) -> None:
    async with listening(RCPT=lambda to: GONE if to[1:2] in "123456789" else "250 ok") as server:
        report = await ground.send(server, connections=1)
        assert report.progress.alarm is not None
        with ground.store.writing() as connection:
            assert dead_addresses.suppress_dead(connection, *ISSUE, secret_keys=KEYS, now=NOW) > 0
        server.script.clear()
        again = await ground.send(server)

    assert again.progress.alarm is None
    assert again.account.open == 0

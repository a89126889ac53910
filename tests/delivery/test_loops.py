"""Sending on the loop that `send` uses where uvloop is installed, and on Python's own."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from sse_digest.cli.context import busy_loop
from sse_digest.delivery.options import Pipelining
from sse_digest.delivery.sender import SendReport
from sse_digest.model.deliveries import DoubtPolicy, State, Verdict
from sse_digest.store import open_store
from tests.delivery.ground import Ground, everybody, plan
from tests.options import relay_timeouts
from tests.smtp_server import DEEDS, Answer, ScriptedServer, listening, recipients

OFFERS = "250-test\r\n250-PIPELINING\r\n250-CHUNKING\r\n250 8BITMIME"
QUICK = relay_timeouts(connect_s=2, command_s=0.3, data_s=0.3, content_s=0.3, reset_s=0.2, quit_s=0.2)
PEOPLE = 30
LOOPS = {"uvloop": busy_loop(), "asyncio": None}


def on(
    loop: str, folder: Path, pipelining: Pipelining, **script: Answer
) -> tuple[ScriptedServer, SendReport, dict[int, tuple[str, bool, int]]]:
    """Send to everybody once, on a loop of that kind."""

    async def work() -> tuple[ScriptedServer, SendReport, dict[int, tuple[str, bool, int]]]:
        with open_store(f"sqlite:///{folder}/db") as store:
            async with listening(**script) as server:
                plan(store, PEOPLE)
                ground = Ground(store, folder / "senders", pipelining=pipelining, timeouts=QUICK)
                return server, await ground.send(server, in_doubt=DoubtPolicy.HOLD), ground.rows()

    with asyncio.Runner(loop_factory=LOOPS[loop]) as runner:
        return runner.run(work())


def test_the_loop_for_much_traffic_is_the_fast_one() -> None:
    uvloop = pytest.importorskip("uvloop", reason="needs uvloop")
    factory: Callable[[], asyncio.AbstractEventLoop] | None = busy_loop()

    assert factory is uvloop.new_event_loop


@pytest.mark.parametrize("pipelining", list(Pipelining))
@pytest.mark.parametrize("loop", LOOPS)
def test_everybody_gets_it_once(tmp_path: Path, loop: str, pipelining: Pipelining) -> None:
    server, report, _ = on(loop, tmp_path, pipelining, EHLO=OFFERS)

    assert report.is_clean
    assert sorted(recipients(server)) == everybody(PEOPLE)


@pytest.mark.slow
@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize("loop", LOOPS)
def test_a_fault_after_the_content_is_his_alone(tmp_path: Path, loop: str, deed: str) -> None:
    def content(to: str) -> str:
        return DEEDS[deed] if to == "p9@example.net" else "250 2.0.0 ok"

    _, report, rows = on(loop, tmp_path, Pipelining.SAFE, EHLO=OFFERS, CONTENT=content)

    expected = {
        "4xx": (State.DEFERRED, 0),
        "5xx": (State.REJECTED, 0),
        "421": (State.DEFERRED, 0),
        "half a reply": (State.ACCEPTED, 0),  # the answer to the next envelope ends it
    }.get(deed, (State.IN_DOUBT, 1))
    state, _, doubts = rows.pop(9)
    assert (state, doubts) == expected
    assert report.progress.verdicts[Verdict.UNKNOWN] == doubts
    assert {one for one, _, _ in rows.values()} <= {State.ACCEPTED, State.DEFERRED}  # a 421 ends a connection
    assert {doubts for _, _, doubts in rows.values()} == {0}
    assert report.account.balances

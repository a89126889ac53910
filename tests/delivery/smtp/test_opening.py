"""A relay that misbehaves before the first mail or after the last: nobody is touched, nothing hangs."""

from datetime import timedelta
from pathlib import Path

import pytest

from sse_digest.delivery.options import Security
from sse_digest.delivery.smtp.connect import SmtpRelay
from sse_digest.delivery.smtp.envelope import Envelope, content_of
from sse_digest.delivery.smtp.unavailable import RelayUnavailableError
from sse_digest.model.deliveries import Phase, State, Verdict
from sse_digest.store import Store
from tests.delivery.ground import Ground, everybody, plan
from tests.options import relay_options, relay_timeouts
from tests.smtp_server import CLOSE, RESET, STALL, listening, recipients

QUICK = relay_timeouts(connect_s=0.3, command_s=0.3, data_s=0.3, content_s=0.3, reset_s=0.2, quit_s=0.2)
AUTH = "250-test\r\n250-STARTTLS\r\n250 AUTH PLAIN"
DEEDS = {
    "4xx": "450 4.3.0 later",
    "5xx": "554 5.3.0 no",
    "421": "421 4.3.2 going down",
    "close": CLOSE,
    "reset": RESET,
    "stall": STALL,
    "garbage": "what?",
    "64 kB": "2" * 65_536,
    "wrong multi-line": "220-one\r\n550 two",
    "half a reply": "220-half",
}
SECURITY = {"STARTTLS": Security.STARTTLS}


@pytest.mark.parametrize("deed", list(DEEDS))
@pytest.mark.parametrize("phase", ["GREETING", "EHLO", "STARTTLS", "AUTH"])
async def test_a_relay_that_cannot_be_opened_is_told_with_its_phase(phase: str, deed: str) -> None:
    script = {"EHLO": AUTH, phase: DEEDS[deed]}
    async with listening(**script) as server:
        relay = SmtpRelay(
            relay_options(
                host="127.0.0.1",
                port=server.port,
                security=SECURITY.get(phase, Security.NONE),
                username="me",
                password="secret",  # of a server in this test
                helo="test",
                timeouts=QUICK,
            )
        )
        with pytest.raises(RelayUnavailableError) as caught:
            await relay.open()

    if phase == "GREETING":
        assert caught.value.phase in {Phase.CONNECT, Phase.GREETING}
    else:
        assert caught.value.phase == phase.lower()
    assert caught.value.refused or deed != "5xx"
    assert not caught.value.refused or deed not in {"4xx", "421", "close", "reset", "stall"}
    assert "secret" not in str(caught.value)
    assert len(str(caught.value)) < 1000
    assert not any(command.startswith("MAIL") for command in server.commands)


@pytest.mark.parametrize("deed", list(DEEDS))
@pytest.mark.parametrize("phase", ["GREETING", "EHLO"])
async def test_a_send_that_cannot_begin_leaves_everybody_planned(
    store: Store, tmp_path: Path, phase: str, deed: str
) -> None:
    plan(store, 10)
    ground = Ground(store, tmp_path / "senders", timeouts=QUICK)
    async with listening(**{phase: DEEDS[deed]}) as server:
        report = await ground.send(server)
        assert report.account.states == {State.PLANNED: 10}
        assert report.progress.alarm or report.progress.relay_away
        server.script.pop(phase)
        ground.clock.ahead = timedelta(hours=6)
        after = await ground.send(server)

    assert after.is_clean
    assert sorted(recipients(server)) == everybody()


@pytest.mark.parametrize("deed", list(DEEDS))
async def test_whatever_is_said_to_quit_changes_nothing(deed: str) -> None:
    async with listening(QUIT=DEEDS[deed]) as server:
        relay = SmtpRelay(
            relay_options(
                host="127.0.0.1", port=server.port, security=Security.NONE, helo="t", timeouts=QUICK
            )
        )
        async with await relay.open() as session:
            outcome = await session.submit(
                Envelope("b@example.org", "ana@example.net"), content_of(b"Subject: x\r\n\r\n")
            )

    assert outcome.verdict is Verdict.ACCEPTED
    assert recipients(server) == ["ana@example.net"]

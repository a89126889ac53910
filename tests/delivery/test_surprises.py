"""What costs nobody a mail, nor two: a closed terminal, a fallback that can less, a relay that hangs up."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from sse_digest.audience.email_address import normalise
from sse_digest.delivery.job import Recipient
from sse_digest.delivery.options import Pipelining
from sse_digest.delivery.progress import Progress
from sse_digest.digest.mail import headers
from sse_digest.model.deliveries import State
from sse_digest.store import Store
from sse_digest.store.sending.deliveries import ClaimedDelivery
from tests.delivery.ground import Ground, People, plan
from tests.smtp_server import CLOSE, listening, recipients

UTF8 = "250-test\r\n250-8BITMIME\r\n250 SMTPUTF8"
FULL = "250-test\r\n250-8BITMIME\r\n250-PIPELINING\r\n250 CHUNKING"
LONG = timedelta(hours=1)


@pytest.fixture
def ground(store: Store, tmp_path: Path) -> Ground:
    plan(store, 10)
    return Ground(store, tmp_path / "senders")


class Torn:
    """A terminal that is closed while it is written to."""

    def __init__(self) -> None:
        self.calls = 0

    def show(self, progress: Progress) -> None:
        del progress
        self.calls += 1
        if self.calls == 3:
            raise BrokenPipeError("nobody reads any more")


@pytest.mark.parametrize("way", Pipelining)
async def test_an_outcome_that_was_read_is_written_though_it_cannot_be_shown(
    ground: Ground, way: Pipelining
) -> None:
    ground.pipelining = way
    async with listening(EHLO=FULL) as server:
        with pytest.raises(BrokenPipeError):
            await ground.sending(server, on_progress=Torn().show, connections=1, depth=4).send(timedelta(0))
        report = await ground.send(server)

    assert report.is_clean
    assert set(Counter(recipients(server)).values()) == {1}


async def test_a_fallback_that_can_less_refuses_nobody_for_good(ground: Ground) -> None:
    ground.people.move(4, "\u00fcnal@example.net")
    async with listening(EHLO=UTF8) as first, listening() as second:
        ground.fallbacks = (second.port,)
        first.script["GREETING"] = "421 4.3.2 busy for a moment"
        await ground.send(first, reconnect_delay=LONG)
        assert (ground.rows())[4][0] == State.DEFERRED
        first.script.pop("GREETING")
        ground.clock.ahead += timedelta(hours=6)
        report = await ground.send(first)

    assert report.is_clean
    assert recipients(first) == ["\u00fcnal@example.net"]


async def test_nobody_who_left_is_mailed_after_a_relay_hung_up(ground: Ground) -> None:
    ground.pipelining = Pipelining.OFF
    async with listening() as first, listening() as second:
        ground.fallbacks = (second.port,)

        def mail(sender: str) -> str:
            del sender
            if not first.taken:
                return "250 ok"
            first.script["GREETING"] = "421 4.3.2 going down"
            for number in range(2, 11):
                ground.people.leave(number)
            return CLOSE

        first.script["MAIL"] = mail
        report = await ground.send(first, connections=1, reconnect_delay=LONG)

    assert not second.taken
    assert report.account.states == {State.ACCEPTED: 1, State.SKIPPED: 9}


async def test_who_cannot_go_to_the_fallback_is_not_in_doubt_for_it(ground: Ground) -> None:
    ground.people.move(2, "\u00fcnal@example.net")
    ground.pipelining = Pipelining.OFF
    async with listening(EHLO=UTF8) as first, listening() as second:
        ground.fallbacks = (second.port,)

        def mail(sender: str) -> str:
            del sender
            if not first.taken:
                return "250 ok"
            first.script["GREETING"] = "421 4.3.2 going down"
            return CLOSE

        first.script["MAIL"] = mail
        report = await ground.send(first, connections=1, reconnect_delay=LONG)

    assert report.account.states == {State.ACCEPTED: 9, State.DEFERRED: 1}
    assert (ground.rows())[2] == (State.DEFERRED, False, 0)


async def test_an_address_that_no_header_can_hold_is_skipped_and_not_waited_for(ground: Ground) -> None:
    class Written(People):
        async def content(
            self, row: ClaimedDelivery, recipient: Recipient, date: datetime
        ) -> Sequence[bytes]:
            headers.recipient(None, recipient.address)
            return await super().content(row, recipient, date)

    ground.people = Written()
    ground.people.move(4, normalise("o\u2019neil@example.net").address)  # an import takes it
    async with listening(EHLO=UTF8) as server:
        report = await ground.send(server)

    assert report.is_clean
    assert report.account.states == {State.ACCEPTED: 9, State.SKIPPED: 1}

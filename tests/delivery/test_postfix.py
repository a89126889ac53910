"""Through a real Postfix, in every way of speaking: each outcome belongs to the right recipient."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path

import pytest

from sse_digest.delivery.job import Recipient
from sse_digest.delivery.options import Pipelining
from sse_digest.model.deliveries import State
from sse_digest.store import Store
from sse_digest.store.sending.deliveries import ClaimedDelivery
from tests.conftest import NEEDS
from tests.delivery.ground import Ground, People, plan
from tests.loopback import loopback
from tests.options import relay_timeouts
from tests.postfix import postfix, why_not
from tests.smtp_server import ScriptedServer, Taken, listening, recipients

pytestmark = pytest.mark.slow

PEOPLE = {"ci": 100, "full": 2000}
AT_RCPT = "/^p[0-9]*3@/ 552 5.2.2 Mailbox full\n/^p[0-9]*7@/ 451 4.2.0 Try again later\n"
AT_THE_END = "/^p[0-9]*5@/ 552 5.2.2 Mailbox full\n/^p[0-9]*9@/ 452 4.2.2 Over quota\n"
IN_THE_HEADER = "/^To: p[0-9]*5@/ REJECT 5.2.2 Mailbox full\n"
# Postfix 3.7 crashes where a message is refused by the first of these and a MAIL stands behind its content.
_END = {"smtpd_end_of_data_restrictions": "check_recipient_access regexp:{root}/end"}
AFTER_CONTENT = {
    Pipelining.OFF: _END,
    Pipelining.SAFE: {"header_checks": "regexp:{root}/header"},
    Pipelining.FULL: _END,
}
FATES = {3: State.REJECTED, 7: State.DEFERRED, 5: State.REJECTED, 9: State.DEFERRED}  # by the last digit
MANY_ERRORS = {"smtpd_soft_error_limit": "100000", "smtpd_hard_error_limit": "100000"}
SOON = timedelta(minutes=6)
PATIENCE = relay_timeouts(command_s=60, data_s=60, content_s=60)  # of a Postfix on the same machine


@pytest.fixture(autouse=True)
def _postfix() -> None:
    if (lacking := why_not()) is not None:
        pytest.skip(f"{NEEDS}{lacking}")


@pytest.mark.parametrize("errors", [MANY_ERRORS, {}], ids=["patient", "usual"])
@pytest.mark.parametrize("pipelining", list(Pipelining))
async def test_each_outcome_is_the_right_persons(
    store: Store,
    tmp_path: Path,
    pipelining: Pipelining,
    errors: dict[str, str],
    effort: str,
    proof: Callable[[str, str], None],
) -> None:
    count = PEOPLE[effort] if errors else 60
    plan(store, count)
    ground = Ground(store, tmp_path, timeouts=PATIENCE, pipelining=pipelining, depth=16)
    settings = {
        "smtpd_recipient_restrictions": "check_recipient_access regexp:{root}/rcpt, permit_mynetworks",
        **AFTER_CONTENT[pipelining],
        "smtpd_error_sleep_time": "0s",
        **errors,
    }
    async with listening() as world:
        with postfix(
            world.port, settings, {"rcpt": AT_RCPT, "end": AT_THE_END, "header": IN_THE_HEADER}
        ) as port:
            for _ in range(
                1 if errors else 8
            ):  # after 20 errors it says 421, and whoever is left comes later
                report = await ground.send(port, connections=2, depth=16)
                ground.clock.ahead += SOON if errors else timedelta(hours=5)
            await asyncio.wait_for(world.has_taken(report.account.states[State.ACCEPTED]), 60)
        states = {number: state for number, (state, _, _) in (ground.rows()).items()}

    fates = {**FATES, 9: State.ACCEPTED} if pipelining is Pipelining.SAFE else FATES
    expected = {number: fates.get(number % 10, State.ACCEPTED) for number in range(1, count + 1)}
    assert states == expected
    assert sorted(recipients(world)) == sorted(
        f"p{n}@example.net" for n, s in expected.items() if s is State.ACCEPTED
    )
    assert all(message_from_bytes(one.content)["To"] == one.recipient for one in world.taken)
    if errors:
        told = ", ".join(f"{number} {state}" for state, number in sorted(Counter(states.values()).items()))
        proof(
            f"a real Postfix, pipelining {pipelining}", f"{count} messages: {told}; each the right person's"
        )


class Verp(People):
    """Each delivery has its own envelope sender."""

    def sender(self, row: ClaimedDelivery, recipient: Recipient) -> str:
        del recipient
        return f"bounces+{row.id}@example.org"


@asynccontextmanager
async def greylist() -> AsyncIterator[int]:
    """Answer Postfix's policy questions: p3 is greylisted at first. Gives the port."""
    seen: set[str] = set()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while question := await reader.readuntil(b"\n\n"):
            is_new = b"recipient=p3@" in question and "p3" not in seen
            seen.update(["p3"] if is_new else [])
            writer.write(b"action=451 4.7.1 Greylisted, come back\n\n" if is_new else b"action=dunno\n\n")

    async def until_it_ends(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await answer(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async with loopback(until_it_ends) as port:
        yield port


def reports(world: ScriptedServer) -> list[Taken]:
    return [one for one in world.taken if one.sender == ""]


async def test_what_becomes_of_five_people(store: Store, tmp_path: Path) -> None:
    plan(store, 5)
    ground = Ground(store, tmp_path, timeouts=PATIENCE, people=Verp())
    late: set[str] = set()

    def remote(to: str) -> str:
        if to.startswith("p4@") and to not in late:
            late.add(to)
            return "451 4.2.1 not just now"
        return "550 5.1.1 nobody of that name" if to.startswith("p5@") else "250 ok"

    async with listening(RCPT=remote) as world, greylist() as policy:
        settings = {
            "smtpd_recipient_restrictions": (
                f"check_recipient_access regexp:{{root}}/rcpt, check_policy_service inet:127.0.0.1:{policy}"
            ),
            "delay_warning_time": "1s",
        }
        with postfix(world.port, settings, {"rcpt": "/^p2@/ 550 5.1.1 No such user here\n"}) as port:
            first = await ground.send(port)
            ground.clock.ahead = SOON
            second = await ground.send(port)
            await asyncio.wait_for(world.has_taken(4), 60)

    assert first.account.states == {State.ACCEPTED: 3, State.REJECTED: 1, State.DEFERRED: 1}
    assert second.account.states == {State.ACCEPTED: 4, State.REJECTED: 1}
    assert ground.dead() == [2]
    [report] = reports(world)
    assert sorted(set(recipients(world)) - {report.recipient}) == [
        "p1@example.net",
        "p3@example.net",
        "p4@example.net",
    ]
    assert report.recipient == "bounces+5@example.org"
    assert b"Original-Envelope-Id: 5@example.org" in report.content
    assert b"Final-Recipient: rfc822; p5@example.net" in report.content
    assert b"Action: failed" in report.content
    assert b"\r\nnews" not in report.content  # the header lines only

"""What a session does with a relay that is out of step, command by command."""

from sse_digest.delivery.options import Security
from sse_digest.delivery.smtp.connect import SmtpRelay
from sse_digest.delivery.smtp.envelope import Envelope, content_of
from sse_digest.delivery.smtp.session import Handover
from sse_digest.model.deliveries import Phase, Verdict
from tests.options import relay_options, relay_timeouts
from tests.smtp_server import CLOSE, Answer, ScriptedServer, listening, recipients

PIPELINING = "250-test\r\n250 PIPELINING"
QUICK = relay_timeouts(connect_s=2, command_s=0.5, data_s=0.5, content_s=0.5, reset_s=0.5, quit_s=0.2)
CONTENT = content_of(b"Subject: x\r\n\r\n")
REFUSED = ("550 5.1.1 no such user", "554 5.5.1 no valid recipients")


def to(name: str) -> Envelope:
    return Envelope("bounces@example.org", f"{name}@example.net")


def relay_to(server: ScriptedServer) -> SmtpRelay:
    return SmtpRelay(
        relay_options(host="127.0.0.1", port=server.port, security=Security.NONE, helo="test", timeouts=QUICK)
    )


def only(name: str, answer: str, otherwise: str) -> Answer:
    return lambda about: answer if about.startswith(f"{name}@") else otherwise


async def test_after_a_refusal_a_message_on_its_own_begins_with_a_reset() -> None:
    async with listening(EHLO=PIPELINING, RCPT=only("bad", REFUSED[0], "250 ok")) as server:
        relay = relay_to(server)
        async with await relay.open() as first, await relay.open() as second:
            await first.submit(to("ana"), CONTENT)
            first.announce(to("bad"), CONTENT)
            assert (await first.answer()) is not None
            server.script["DATA"] = "250 what"  # the other session meets a surprise, and trust is gone
            second.announce(to("ben"), CONTENT)
            assert (await second.answer()) is not None
            server.script.pop("DATA")
            assert first.way is Handover.SINGLE
            server.commands.clear()
            outcome = await first.submit(to("cem"), CONTENT)

    assert outcome.verdict is Verdict.ACCEPTED
    assert server.commands[:2] == ["RSET", "MAIL FROM:<bounces@example.org>"]
    assert recipients(server) == ["ana@example.net", "cem@example.net"]


async def test_a_reset_that_is_refused_before_an_envelope_defers_it_and_ends_the_session() -> None:
    script: dict[str, Answer] = {"RCPT": only("bad", REFUSED[0], "250 ok"), "RSET": "500 5.5.2 what"}
    async with listening(EHLO=PIPELINING, **script) as server, await relay_to(server).open() as session:
        await session.submit(to("ana"), CONTENT)
        session.announce(to("bad"), CONTENT)
        await session.answer()
        session.announce(to("ben"), CONTENT)
        outcome = await session.answer()

        assert outcome is not None
        assert (outcome.verdict, outcome.phase) == (Verdict.DEFERRED, Phase.MAIL)
        assert not session.is_open
    assert recipients(server) == ["ana@example.net"]


async def test_a_lone_dot_that_is_accepted_ends_the_session() -> None:
    script: dict[str, Answer] = {"RCPT": only("bad", REFUSED[0], "250 ok"), "DATA": "354 go on"}
    async with listening(EHLO=PIPELINING, **script) as server:
        relay = relay_to(server)
        async with await relay.open() as session:
            await session.submit(to("ana"), CONTENT)
            session.announce(to("bad"), CONTENT)
            outcome = await session.answer()

            assert outcome is not None
            assert outcome.verdict is Verdict.REJECTED
            assert not session.is_open
            async with await relay.open() as again:
                assert again.way is Handover.SINGLE


async def test_an_envelope_after_the_end_is_answered_as_never_heard() -> None:
    async with listening(EHLO=PIPELINING, MAIL=CLOSE) as server, await relay_to(server).open() as session:
        session.abort()
        session.announce(to("ana"), CONTENT)
        outcome = await session.answer()

    assert outcome is not None
    assert (outcome.verdict, outcome.phase, outcome.code) == (Verdict.DEFERRED, Phase.MAIL, None)


async def test_content_after_the_end_was_never_handed_over() -> None:
    async with listening(EHLO=PIPELINING) as server, await relay_to(server).open() as session:
        await session.submit(to("ana"), CONTENT)
        session.announce(to("ben"), CONTENT)
        assert await session.answer() is None
        session.abort()
        outcome = await session.hand_over(CONTENT, None)

    assert (outcome.verdict, outcome.phase) == (Verdict.DEFERRED, Phase.DATA)
    assert recipients(server) == ["ana@example.net"]

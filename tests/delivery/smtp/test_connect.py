"""One session with a real server that may say or do anything."""

import asyncio
from dataclasses import replace

import pytest

from sse_digest.delivery.options import Security
from sse_digest.delivery.smtp.connect import SmtpRelay
from sse_digest.delivery.smtp.envelope import Envelope, content_of, is_safe_address
from sse_digest.delivery.smtp.unavailable import RelayUnavailableError
from sse_digest.errors import DeliveryError
from sse_digest.model.deliveries import Blame, Phase, Verdict
from tests.options import relay_options, relay_timeouts
from tests.smtp_server import CLOSE, RESET, STALL, ScriptedServer, listening, recipients

FAST = relay_timeouts(connect_s=2, command_s=0.3, data_s=0.3, content_s=0.3, reset_s=0.2, quit_s=0.2)
ENVELOPE = Envelope("bounces@example.org", "ana@example.net")
CONTENT = b"Subject: x\r\n\r\n.hidden\r\n..two\r\nend\r\n"


def relay_to(server: ScriptedServer, **changes: object) -> SmtpRelay:
    options = relay_options(
        host="127.0.0.1", port=server.port, security=Security.NONE, helo="test", timeouts=FAST
    )
    return SmtpRelay(replace(options, **changes))  # type: ignore[arg-type] # the test's own changes


async def test_a_message_arrives_byte_for_byte() -> None:
    async with listening() as server:
        async with await relay_to(server).open() as session:
            outcome = await session.submit(ENVELOPE, content_of(CONTENT))

        assert outcome.verdict is Verdict.ACCEPTED
        assert (outcome.code, outcome.enhanced) == (250, "2.0.0")
        assert [t.content for t in server.taken] == [CONTENT]
        assert server.commands[-1] == "QUIT"


async def test_one_session_carries_many_messages() -> None:
    async with listening() as server:
        async with await relay_to(server).open() as session:
            for n in range(5):
                await session.submit(Envelope("b@example.org", f"p{n}@example.net"), content_of(CONTENT))

        assert recipients(server) == [f"p{n}@example.net" for n in range(5)]
        assert server.connections == 1


async def test_size_is_declared_where_it_is_offered() -> None:
    async with listening(EHLO="250-test\r\n250 SIZE 1000000") as server:
        async with await relay_to(server).open() as session:
            await session.submit(ENVELOPE, content_of(CONTENT))

        assert f"MAIL FROM:<bounces@example.org> SIZE={len(CONTENT)}" in server.commands


@pytest.mark.parametrize("phase", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize(
    "deed", [CLOSE, RESET, STALL, "421 4.3.0 later", "garbage", "250-half", "999 odd", "x" * 70_000]
)
async def test_trouble_before_the_content_leaves_nothing_in_doubt(phase: str, deed: str) -> None:
    async with listening(**{phase: deed}) as server:
        async with await relay_to(server).open() as session:
            outcome = await session.submit(ENVELOPE, content_of(CONTENT))
            assert not session.is_open

        assert (outcome.verdict, outcome.blame) == (Verdict.DEFERRED, Blame.RELAY)
        assert outcome.phase == phase.lower()
        assert server.taken == []


@pytest.mark.parametrize("deed", [CLOSE, RESET, STALL, "garbage", "250-half", "x" * 70_000])
async def test_silence_after_the_content_is_doubt(deed: str) -> None:
    async with listening(CONTENT=deed) as server:
        async with await relay_to(server).open() as session:
            outcome = await session.submit(ENVELOPE, content_of(CONTENT))
            assert not session.is_open

        assert outcome.verdict is Verdict.UNKNOWN
        assert outcome.phase is Phase.CONTENT


async def test_a_server_that_speaks_unasked_between_data_and_content_has_nothing() -> None:
    async with listening(DATA="354 go on\r\n421 no, wait") as server:
        async with await relay_to(server).open() as session:
            outcome = await session.submit(ENVELOPE, content_of(CONTENT))

        assert outcome.verdict is Verdict.DEFERRED
        assert server.taken == []


async def test_a_refused_recipient_does_not_harm_the_next_one() -> None:
    async with listening(RCPT=lambda to: "550 5.1.1 no" if to.startswith("bad") else "250 ok") as server:
        async with await relay_to(server).open() as session:
            bad = await session.submit(Envelope("b@example.org", "bad@example.net"), content_of(CONTENT))
            good = await session.submit(Envelope("b@example.org", "good@example.net"), content_of(CONTENT))

        assert (bad.verdict, good.verdict) == (Verdict.REJECTED, Verdict.ACCEPTED)
        assert recipients(server) == ["good@example.net"]
        assert server.commands.count("RSET") == 1
        assert server.connections == 1


@pytest.mark.parametrize("deed", [CLOSE, "500 what", STALL])
async def test_a_failed_reset_ends_the_session_not_the_outcome(deed: str) -> None:
    async with listening(RCPT="550 5.1.1 no", RSET=deed) as server, await relay_to(server).open() as session:
        outcome = await session.submit(ENVELOPE, content_of(CONTENT))

        assert outcome.verdict is Verdict.REJECTED
        assert not session.is_open


async def test_aborting_a_session_gives_the_submission_under_way_its_outcome() -> None:
    async with listening(CONTENT=STALL) as server:
        session = await relay_to(server, timeouts=relay_timeouts()).open()
        submission = asyncio.create_task(session.submit(ENVELOPE, content_of(CONTENT)))
        await server.has_taken(1)

        session.abort()

        assert (await submission).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize("deed", [CLOSE, RESET, STALL, "421 busy", "450 wait"])
async def test_a_relay_that_does_not_greet_is_away(deed: str) -> None:
    async with listening(GREETING=deed) as server:
        with pytest.raises(RelayUnavailableError, match="Relay") as caught:
            await relay_to(server, timeouts=replace(FAST, connect_s=0.3)).open()

    assert not caught.value.refused


@pytest.mark.parametrize("verb", ["GREETING", "EHLO"])
async def test_a_relay_that_refuses_us_is_told_apart(verb: str) -> None:
    script = {verb: "554 5.7.1 not you", "HELO": "554 5.7.1 not you"}
    async with listening(**script) as server:
        with pytest.raises(RelayUnavailableError, match="not you") as caught:
            await relay_to(server).open()

    assert caught.value.refused


async def test_nobody_listening_is_away() -> None:
    async with listening() as server:
        relay = relay_to(server)

    with pytest.raises(RelayUnavailableError, match=r"smtp\.host") as caught:
        await relay.open()

    assert (caught.value.refused, caught.value.phase) == (False, Phase.CONNECT)


async def test_starttls_is_never_given_up_for_clear_text() -> None:
    async with listening() as server:
        with pytest.raises(RelayUnavailableError, match="Nothing was sent unencrypted") as caught:
            await relay_to(server, security=Security.STARTTLS).open()

    assert caught.value.refused
    assert not any(command.startswith("MAIL") for command in server.commands)


@pytest.mark.parametrize(("method", "seen"), [("PLAIN", "AUTH PLAIN AGFubmEAc2VjcmV0"), ("LOGIN", "anna")])
async def test_authentication(method: str, seen: str) -> None:
    async with listening(EHLO=f"250-test\r\n250 AUTH {method}") as server:
        async with await relay_to(server, username="anna", password="secret").open() as session:
            assert (await session.submit(ENVELOPE, content_of(CONTENT))).verdict is Verdict.ACCEPTED

        assert seen in server.commands


async def test_a_wrong_password_is_said_without_the_password() -> None:
    async with listening(EHLO="250-test\r\n250 AUTH PLAIN", AUTH="535 5.7.8 wrong") as server:
        with pytest.raises(RelayUnavailableError, match=r"smtp\.password_file") as caught:
            await relay_to(server, username="anna", password="secret").open()

    assert caught.value.refused
    assert "secret" not in str(caught.value)


async def test_no_common_authentication_is_explained() -> None:
    async with listening(EHLO="250-test\r\n250 AUTH CRAM-MD5") as server:
        with pytest.raises(RelayUnavailableError, match="offered: cram-md5"):
            await relay_to(server, username="anna", password="secret").open()


@pytest.mark.parametrize(
    "address",
    ["a b@example.org", "a@b\r\nRCPT TO:<x@y.z>", "<a@example.org>", "ä@example.org", "a@", "@b", ""],
)
async def test_an_address_that_could_end_the_command_is_never_written(address: str) -> None:
    assert not is_safe_address(address)
    async with listening() as server:
        async with await relay_to(server).open() as session:
            with pytest.raises(DeliveryError):
                await session.submit(Envelope("b@example.org", address), content_of(CONTENT))

        assert not any(command.startswith("MAIL") for command in server.commands)


@pytest.mark.parametrize("content", [b"a\nb\r\n", b"a\rb\r\n", b"a\r\n.\nb\r\n", b"\n"])
def test_line_ends_that_relays_read_differently_are_refused(content: bytes) -> None:
    with pytest.raises(DeliveryError):
        content_of(content)


@pytest.mark.parametrize(
    ("content", "stuffed"),
    [
        (b"", b".\r\n"),
        (b".", b"..\r\n.\r\n"),
        (b".a\r\n.b\r\n", b"..a\r\n..b\r\n.\r\n"),
        (b"a", b"a\r\n.\r\n"),
    ],
)
def test_dots_are_doubled_and_the_last_one_added(content: bytes, stuffed: bytes) -> None:
    assert b"".join(content_of(content).doubled()) == stuffed

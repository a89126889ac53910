"""The relay of a drill counts whom it took a mail for, however it comes."""

import asyncio
import contextlib
import random

import pytest

from sse_digest.delivery.options import Pipelining, Security
from sse_digest.delivery.smtp.connect import SmtpRelay
from sse_digest.delivery.smtp.envelope import Envelope, MessageContent, content_of
from sse_digest.delivery.smtp.session import Handover, SmtpSession
from sse_digest.model.deliveries import Outcome, Verdict
from sse_digest.sandbox.counting_smtp import LOOPBACK, CountingSmtp, sinks
from tests.options import relay_options

CONTENT = b"Subject: x\r\n\r\n.\r\n..\r\n.QUIT\r\n"


def sink_of() -> CountingSmtp:
    return CountingSmtp(random.Random(1))


async def talk(port: int, said: bytes) -> list[bytes]:
    """Say something all at once, then hang up; return the lines of the answers."""
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    writer.write(said)
    writer.write_eof()
    answer = b""
    with contextlib.suppress(ConnectionError):  # it may hang up on nonsense
        answer = await reader.read()
    writer.close()
    return answer.splitlines()


async def handed_over(session: SmtpSession, mail: tuple[Envelope, MessageContent]) -> Outcome:
    """Hand a mail over in the way the session would have it."""
    if session.way is Handover.STREAMED:
        session.stream([mail])
        [outcome] = await session.landed()
        return outcome
    if session.way is Handover.ANNOUNCED:
        session.announce(*mail)
        assert await session.answer() is None
        return await session.hand_over(mail[1], None)
    return await session.submit(*mail)


@pytest.mark.parametrize(
    ("pipelining", "way"),
    [
        (Pipelining.OFF, Handover.SINGLE),
        (Pipelining.SAFE, Handover.ANNOUNCED),
        (Pipelining.FULL, Handover.STREAMED),
    ],
)
async def test_every_way_of_sending_is_counted_once(pipelining: Pipelining, way: Handover) -> None:
    sink = sink_of()
    async with sinks(sink, 1) as (port,):
        options = relay_options(host=LOOPBACK, port=port, security=Security.NONE, pipelining=pipelining)
        async with await SmtpRelay(options).open() as session:
            for number in range(5):
                mail = (Envelope("a@example.org", f"p{number}@example.net"), content_of(CONTENT))
                assert (await handed_over(session, mail)).verdict is Verdict.ACCEPTED
            assert session.way is way
        await sink.at_rest()

    assert sink.taken == {f"p{number}@example.net": 1 for number in range(5)}
    assert sink.twice == 0


async def test_each_relay_has_a_port_and_they_count_together() -> None:
    sink = sink_of()
    envelope = b"MAIL FROM:<a@example.org>\r\nRCPT TO:<p@example.net>\r\nDATA\r\nx\r\n.\r\n"
    async with sinks(sink, 2) as ports:
        for port in ports:
            await talk(port, b"HELO x\r\n" + envelope)
        await sink.has_taken(2)

    assert len(set(ports)) == 2
    assert sink.twice == 1


async def test_what_is_out_of_order_is_refused_and_counts_for_nobody() -> None:
    sink = sink_of()
    async with sinks(sink, 1) as (port,):
        said = await talk(
            port,
            b"NOOP\r\nDATA\r\nRCPT nobody\r\nBDAT 4 LAST\r\nQUITBDAT 2\r\nxxVRFY\r\n"
            b"MAIL FROM:<a@example.org>\r\nRCPT TO:<p@example.net>\r\nRSET\r\nDATA\r\nQUIT\r\nNOOP\r\n",
        )

    assert [line[:3] for line in said] == [
        b"220", b"250", b"503", b"503", b"503", b"503", b"503", b"250", b"250", b"250", b"503", b"221",
    ]  # fmt: skip
    assert sink.taken == {}


async def test_a_content_in_several_chunks_is_one_message() -> None:
    sink = sink_of()
    async with sinks(sink, 1) as (port,):
        said = await talk(
            port, b"MAIL FROM:<>\r\nRCPT TO:<p@example.net>\r\nBDAT 3\r\nabcBDAT 0 LAST\r\nQUIT\r\n"
        )

    assert [line[:3] for line in said] == [b"220", b"250", b"250", b"250", b"250", b"221"]
    assert sink.taken == {"p@example.net": 1}


@pytest.mark.parametrize(
    "half", [b"MAI", b"BDAT 10 LAST\r\nab", b"BDAT x\r\n", b"BDAT 99999999999\r\n", b"x" * 200_000]
)
async def test_half_a_message_or_nonsense_ends_that_connection_only(half: bytes) -> None:
    sink = sink_of()
    async with sinks(sink, 1) as (port,):
        await talk(port, b"MAIL FROM:<>\r\nRCPT TO:<p@example.net>\r\n" + half)
        await sink.at_rest()
        assert sink.taken == {}
        await talk(port, b"MAIL FROM:<>\r\nRCPT TO:<p@example.net>\r\nDATA\r\n.\r\n")

    assert sink.taken == {"p@example.net": 1}

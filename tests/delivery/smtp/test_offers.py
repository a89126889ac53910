"""Relays that offer what they do not know are given mail without it."""

import asyncio

import pytest

from sse_digest.delivery.options import Security
from sse_digest.delivery.smtp.connect import SmtpRelay
from sse_digest.delivery.smtp.envelope import Envelope, content_of
from sse_digest.delivery.smtp.unavailable import RelayUnavailableError
from sse_digest.model.deliveries import Verdict
from tests.loopback import loopback
from tests.options import relay_options
from tests.smtp_server import listening


class OddRelay:
    """A relay that offers DSN, PLAIN and LOGIN, and knows LOGIN alone."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 odd\r\n")
        steps = 0  # of LOGIN
        while line := (await reader.readline()).decode().rstrip("\r\n"):
            self.heard.append(line)
            verb = line.split(" ")[0].upper()
            if steps or line.startswith("AUTH LOGIN"):
                steps += 1 + (line.count(" ") > 1)
                reply = {1: "334 VXNlcm5hbWU6", 2: "334 UGFzc3dvcmQ6"}.get(steps, "235 2.7.0 welcome")
                steps = steps if steps < 3 else 0
            elif verb == "AUTH":
                reply = "504 5.5.4 Unrecognized authentication type"
            elif verb == "EHLO":
                reply = "250-odd\r\n250-DSN\r\n250-PIPELINING\r\n250 AUTH PLAIN LOGIN"
            elif "RET=" in line or "NOTIFY=" in line:
                reply = "555 5.5.4 Unsupported option"
            elif verb == "DATA":
                writer.write(b"354 go on\r\n")
                await reader.readuntil(b"\r\n.\r\n")
                reply = "250 2.0.0 taken"
            else:
                reply = "250 2.0.0 ok"
            writer.write(reply.encode() + b"\r\n")


async def test_refused_dsn_parameters_are_left_out_and_login_is_tried_after_plain() -> None:
    odd = OddRelay()
    async with loopback(odd.serve) as port:
        relay = SmtpRelay(
            relay_options(port=port, security=Security.NONE, username="anna", password="secret", helo="test")
        )
        for _ in range(2):
            async with await relay.open() as session:
                content = content_of(b"Subject: x\r\n\r\nnews\r\n")
                outcome = await session.submit(Envelope("a@example.org", "b@example.net", "id"), content)
                assert outcome.verdict is Verdict.ACCEPTED

    assert [line.split(" ")[1] for line in odd.heard if line.startswith("AUTH")] == ["PLAIN", "LOGIN"] * 2
    assert sum("RET=" in line for line in odd.heard) == 1  # the relay is remembered


@pytest.mark.parametrize("reply", ["500 5.5.2 what?", "502 5.5.1 not implemented", "504 no"])
async def test_a_relay_that_does_not_know_ehlo_is_greeted_with_helo(reply: str) -> None:
    async with listening(EHLO=reply) as server:
        relay = SmtpRelay(relay_options(port=server.port, security=Security.NONE, helo="test"))
        async with await relay.open() as session:
            outcome = await session.submit(
                Envelope("a@example.org", "b@example.net"), content_of(b"Subject: x\r\n\r\nnews\r\n")
            )

    assert outcome.verdict is Verdict.ACCEPTED
    assert server.commands[:3] == ["EHLO test", "HELO test", "MAIL FROM:<a@example.org>"]


async def test_after_helo_a_password_is_never_written_and_tls_is_still_required() -> None:
    async with listening(EHLO="502 5.5.1 not implemented") as server:
        for changes in ({"security": Security.STARTTLS}, {"username": "anna", "password": "secret"}):
            given = {"security": Security.NONE, **changes}
            with pytest.raises(RelayUnavailableError, match="offer"):
                await SmtpRelay(relay_options(port=server.port, helo="test", **given)).open()

    assert {command.split(" ")[0] for command in server.commands} <= {"EHLO", "HELO", "QUIT"}

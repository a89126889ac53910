"""The benchmark of sending: its sink counts, its proxy loses nothing, its goals are compared."""

import re
import socket
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any

import pytest

from bench.places import Place, distant_sink, fast_sink
from bench.sending_tables import million_lines, ratios, sending_lines

MAIL = b"Subject: x\r\n\r\n..\r\n.\r\r\n" + b"news\r\n" * 20_000
FACTS = {
    "date": "2026-11-28",
    "machine": "2 cores",
    "python": "3.11",
    "uvloop": None,
    "aiosmtplib": "5",
    "postfix": None,
    "mail_bytes": 40_000,
    "rounds": 2,
    "pinned": "nothing",
}


def figures(*rates: float, peak_mb: float = 50) -> list[Mapping[str, float]]:
    return [{"rate": rate, "cpu_us": 1, "sink_share": 0.5, "peak_mb": peak_mb} for rate in rates]


def report(place: str, **found: list[Mapping[str, float]]) -> Mapping[str, Any]:
    by_client = {name.replace("_", " "): one for name, one in found.items()}
    return {"facts": FACTS, "lacking": {}, "connections": {place: 1}, "figures": {place: by_client}}


@pytest.mark.parametrize("place", [fast_sink, distant_sink])
@pytest.mark.parametrize("cut", [1, 4096, 1 << 20])
def test_the_sink_counts_contents_however_they_are_cut(
    place: Callable[[], AbstractContextManager[Place]], cut: int
) -> None:
    mail = MAIL if cut > 1 else MAIL[: len(MAIL) % 6 + 2400]
    assert mail.endswith(b"news\r\n")
    with place() as sink, socket.create_connection((sink.host, sink.port)) as client:
        client.settimeout(30)
        answers = client.makefile("rb")

        def say(data: bytes, *, lines: int) -> list[bytes]:
            for start in range(0, len(data), cut):
                client.sendall(data[start : start + cut])
            return [answers.readline()[:3] for _ in range(lines)]

        assert say(b"", lines=1) == [b"220"]
        assert say(b"EHLO me\r\n", lines=5)[-1] == b"250"
        envelope = b"MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.net>\r\n"
        assert say(envelope + b"DATA\r\n", lines=3) == [b"250", b"250", b"354"]
        assert say(mail + b".\r\n" + envelope + b"DATA\r\n", lines=4)[-1] == b"354"
        assert say(mail + b".\r\n", lines=1) == [b"250"]
        chunk = envelope + b"BDAT %d LAST\r\n" % len(mail) + mail
        assert say(chunk + chunk, lines=6) == [b"250"] * 6
        assert say(b"QUIT\r\n", lines=1) == [b"221"]
    assert sink.taken["messages"] == 4
    assert sink.taken["size_bytes"] == 4 * len(mail) + 2 * len(b".\r\n")


def test_rates_are_divided_within_their_round() -> None:
    assert ratios(figures(10, 30), figures(5, 10), "rate") == [2, 3]


@pytest.mark.parametrize(("rate", "verdict"), [(6, "met"), (5, "not met")])
def test_a_goal_is_met_by_the_median_of_the_rounds(rate: float, verdict: str) -> None:
    found = report(
        "fast sink", **{"smtp-source": figures(10, 10, 10), "sse-digest, safe": figures(1, rate, 9)}
    )

    [row] = [line for line in sending_lines(found) if "| smtp-source | 0.6 |" in line]

    assert row.endswith(f"| {verdict} |")


def test_programs_that_could_not_be_measured_are_named() -> None:
    found = {**report("fast sink", aiosmtplib=figures(5)), "lacking": {"smtp-sink": "not installed"}}

    lines = "\n".join(sending_lines(found))

    assert "Not measured on this machine: smtp-sink (not installed)." in lines
    assert not re.search(r"\| (not )?met \|", lines)


def test_memory_is_judged_by_its_peak_and_its_growth() -> None:
    found = report("fast sink", small=figures(10, peak_mb=80), large=figures(9, peak_mb=97))

    peak, growth, kept = list(million_lines(found))[-3:]

    assert peak.endswith("97 MB, not met.")
    assert growth.endswith("17.0 (17.0 to 17.0) MB, not met.")
    assert kept.endswith("0.90 (0.90 to 0.90), met.")

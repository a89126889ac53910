"""The tables of the part Sending in docs/performance.md: the goals, and every figure behind them."""

import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.page import spread

Report = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Goal:
    """One rate divided by another of the same round."""

    place: str
    client: str
    beside: str
    least: float
    words: str = ""


GOALS = (
    Goal("fast sink", "sse-digest, safe", "smtp-source", 0.6),
    Goal("fast sink", "sse-digest, safe", "aiosmtplib", 8),
    Goal("fast sink", "sse-digest, full 32", "smtp-source", 1.3),
    Goal("fast sink", "sse-digest, full 32", "aiosmtplib", 20),
    Goal("smtp-sink", "sse-digest, safe", "smtp-source", 0.9),
    Goal("Postfix", "sse-digest, safe", "smtp-source", 0.9),
    Goal("Postfix", "sse-digest, safe", "aiosmtplib", 1.5),
    Goal("fast sink, 50 ms", "sse-digest, safe", "aiosmtplib", 3.6),
    Goal("fast sink, 50 ms", "sse-digest, full 16", "aiosmtplib", 40),
    Goal("Postfix, 50 ms", "sse-digest, safe", "aiosmtplib", 3.6),
    Goal("Postfix, 50 ms", "sse-digest, full 16", "aiosmtplib", 22),
    Goal("fast sink", "sse-digest, safe", "no ledger, safe", 0.45),
    Goal("fast sink", "sse-digest, full 32", "no ledger, full 32", 0.45),
    Goal("fast sink, 50 ms", "sse-digest, full 16", "no ledger, full 16", 0.9),
    Goal("fast sink", "sse-digest, safe, signed", "bare signing", 0.8),
    Goal("fast sink", "sse-digest, full 32, signed", "bare signing", 0.8),
)
MEMORY_MB, GROWTH_MB, KEPT_RATE = 96, 8, 0.9


def sending_lines(report: Report) -> Iterator[str]:
    """Yield the lines with facts, goals and figures."""
    yield _facts(report)
    yield ""
    for what, why in report["lacking"].items():
        yield f"Not measured on this machine: {what} ({why})."
        yield ""
    yield "| to | program | beside | goal, times | measured, times | |"
    yield "|---|---|---|---|---|---|"
    for goal in GOALS:
        found = report["figures"].get(goal.place, {})
        if goal.client in found and goal.beside in found:
            times = ratios(found[goal.client], found[goal.beside], "rate")
            verdict = _verdict(statistics.median(times) >= goal.least)
            who = f"{goal.place} | {goal.client} | {goal.beside}"
            yield f"| {who} | {goal.least:g} | {spread(times, 2)} | {verdict} |"
    yield ""
    yield "| to | program | mails a second | CPU µs a mail | sink's share of a core |"
    yield "|---|---|---|---|---|"
    for place, by_client in report["figures"].items():
        count = report["connections"][place]
        where = f"{place}, {count} connection{'s' if count > 1 else ''}"
        for client, figures in by_client.items():
            yield f"| {where} | {client} | {_columns(figures, is_sending=client != 'bare signing')} |"


def _columns(figures: Sequence[Mapping[str, float]], *, is_sending: bool) -> str:
    rates = [one["rate"] for one in figures]
    cpu = statistics.median(one["cpu_us"] for one in figures)
    share = f"{statistics.median(one['sink_share'] for one in figures):.2f}" if is_sending else "–"
    return f"{spread(rates, 0 if min(rates) > 100 else 1)} | {cpu:.0f} | {share}"


def million_lines(report: Report) -> Iterator[str]:
    """Yield the lines that show memory and rate as the list grows."""
    yield _facts(report)
    yield ""
    small, large = report["figures"]["fast sink"].values()
    growth = [b["peak_mb"] - a["peak_mb"] for a, b in zip(small, large, strict=True)]
    yield "| people | mails a second | peak memory, MB | sink's share of a core |"
    yield "|---|---|---|---|"
    for name, figures in report["figures"]["fast sink"].items():
        rates, peaks = [one["rate"] for one in figures], [one["peak_mb"] for one in figures]
        share = statistics.median(one["sink_share"] for one in figures)
        people = name.removeprefix("sse-digest, ")
        yield f"| {people} | {spread(rates, 0)} | {spread(peaks, 1)} | {share:.2f} |"
    yield ""
    peak = max(one["peak_mb"] for one in large)
    kept = ratios(large, small, "rate")
    yield f"- Peak memory, at most {MEMORY_MB} MB: {peak:.0f} MB, {_verdict(peak <= MEMORY_MB)}."
    yield f"- Growth, at most {GROWTH_MB} MB: {spread(growth, 1)} MB, {_verdict(max(growth) <= GROWTH_MB)}."
    is_kept = statistics.median(kept) >= KEPT_RATE
    yield f"- Rate kept, at least {KEPT_RATE}: {spread(kept, 2)}, {_verdict(is_kept)}."


def ratios(of: Sequence[Mapping[str, float]], to: Sequence[Mapping[str, float]], name: str) -> list[float]:
    """Return the ratios of two programs, round by round."""
    return [a[name] / b[name] for a, b in zip(of, to, strict=True)]


def _verdict(is_met: bool) -> str:  # noqa: FBT001 # a yes or no is all there is
    return "met" if is_met else "not met"


def _facts(report: Report) -> str:
    facts = report["facts"]
    loop = f"uvloop {facts['uvloop']}" if facts["uvloop"] else "asyncio's own loop (no uvloop)"
    return (
        f"{facts['date']}, {facts['machine']}, Python {facts['python']}, {loop},"
        f" aiosmtplib {facts['aiosmtplib']}, Postfix {facts['postfix'] or 'not installed'};"
        f" a mail has {facts['mail_bytes']} bytes; {facts['rounds']} rounds: median (least to most)."
        f" Pinned: {facts['pinned']}."
    )

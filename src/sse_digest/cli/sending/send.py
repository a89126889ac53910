"""`send`: submit an issue to the relay, with progress and the account of its deliveries."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import click

from sse_digest.app import App, ReadyIssue
from sse_digest.app.sending import AccountReport
from sse_digest.cli.arguments import SpanType
from sse_digest.cli.context import (
    Context,
    digest_option,
    end,
    json_option,
    pass_context,
    period_argument,
    refuse_without_terminal,
)
from sse_digest.cli.output import counted, emit, say, table
from sse_digest.cli.progress import show_progress, words
from sse_digest.cli.sending.status import account_lines
from sse_digest.delivery.sender import SendReport
from sse_digest.errors import DeliveryError
from sse_digest.model.deliveries import Outcome, Verdict
from sse_digest.model.issues import Period

WAIT_ON_A_TERMINAL = timedelta(minutes=10)


@click.command()
@period_argument
@digest_option
@click.option(
    "--test", "test_address", metavar="ADDRESS", help="Send one copy, marked as a test, to this address only."
)
@click.option("--language", metavar="TAG", help="With --test: the language of the copy.")
@click.option("--dry-run", is_flag=True, help="Write every mail to a folder instead; nothing is recorded.")
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("outbox"),
    show_default=True,
    help="With --dry-run: the folder to write to.",
)
@click.option(
    "--only-failed",
    is_flag=True,
    help=("Send again to people whose delivery was rejected or expired, but not to nonexistent addresses."),
)
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@click.option(
    "--wait",
    type=SpanType(),
    help=("How long to wait for later retries (30s, 10m, 2h). [default: 10m on a terminal, otherwise 0]"),
)
@json_option
@pass_context
def send(
    context: Context,
    period: Period | None,
    digest_name: str | None,
    test_address: str | None,
    language: str | None,
    dry_run: bool,
    output: Path,
    only_failed: bool,
    yes: bool,
    wait: timedelta | None,
    as_json: bool,
) -> None:
    """Send the issue of PERIOD (such as 2023-04; default: the last complete month) to every subscriber.

    Recipients are fixed at the first send; run it again to finish open deliveries. Nobody gets an issue
    twice, except after a crash: then at most K people do, and each is listed.
    """
    if test_address is not None:
        _send_test(context, period, digest_name, test_address, language, as_json=as_json)
    elif dry_run:
        _dry_run(context, period, digest_name, output, as_json=as_json)
    else:
        _send(
            context,
            period,
            digest_name,
            only_failed=only_failed,
            yes=yes,
            wait=_waiting(wait),
            as_json=as_json,
        )


def _waiting(wait: timedelta | None) -> timedelta:
    if wait is not None:
        return wait
    return WAIT_ON_A_TERMINAL if sys.stdout.isatty() else timedelta(0)


def _send_test(
    context: Context,
    period: Period | None,
    digest_name: str | None,
    address: str,
    language: str | None,
    *,
    as_json: bool,
) -> None:
    async def work(app: App) -> Outcome:
        return await app.send_test(app.digest(digest_name), period, address, language)

    outcome = context.run_async(work)
    reply = f"{outcome.phase}: {outcome.code or ''} {outcome.text}"
    data = {"verdict": outcome.verdict, "phase": outcome.phase, "code": outcome.code, "reply": outcome.text}
    emit(data, [f"The test mail was {_WORDS[outcome.verdict]}. {reply}"], as_json=as_json)
    end(attention=outcome.verdict is not Verdict.ACCEPTED)


_WORDS = {
    Verdict.ACCEPTED: "accepted by the relay",
    Verdict.DEFERRED: "refused for now",
    Verdict.REJECTED: "rejected",
    Verdict.UNKNOWN: "handed over, but there was no reply",
}


def _dry_run(
    context: Context, period: Period | None, digest_name: str | None, output: Path, *, as_json: bool
) -> None:
    report = context.run(lambda app: app.dry_run(app.digest(digest_name), period, output))
    data = {"folder": str(report.folder), "written": report.written, "skipped": report.skipped}
    line = (
        f"Wrote {counted(report.written, 'mail')} to {report.folder}/ and skipped {report.skipped};"
        " nothing was sent."
    )
    emit(data, [line], as_json=as_json)


def _send(
    context: Context,
    period: Period | None,
    digest_name: str | None,
    *,
    only_failed: bool,
    yes: bool,
    wait: timedelta,
    as_json: bool,
) -> None:
    async def work(app: App) -> tuple[ReadyIssue, SendReport]:
        digest = app.digest(digest_name)
        ready = app.ready(digest, period)
        _show(ready, quiet=as_json)
        _confirm(ready, only_failed=only_failed, yes=yes)
        stop = asyncio.Event()
        with _stop_on_signals(stop), show_progress(quiet=as_json) as on_progress:
            return ready, await app.send(
                digest,
                ready.issue.period,
                wait=wait,
                stop=stop,
                only_failed=only_failed,
                on_progress=on_progress,
            )

    ready, report = context.run_async(work, is_busy=True)
    emit(_send_data(ready, report), _send_lines(ready, report), as_json=as_json)
    end(attention=not report.is_clean or report.rejects_many)


def _show(ready: ReadyIssue, *, quiet: bool) -> None:
    if quiet:
        return
    say(f"Issue {ready.issue.digest}/{ready.issue.period}, {counted(ready.issue.item_count, 'item')}")
    for language, subject in ready.subjects.items():
        say(f"  {language}  {subject}")
    if ready.account is not None:
        say(f"Continuing: {ready.account.closed} of {ready.account.total} deliveries are closed.")
    elif ready.recipients is not None:
        say(f"{counted(ready.recipients.total, 'recipient')}, fixed by this send:")
        editions = sorted(ready.recipients.editions.items())
        rows = [(count, language, themes.replace(" ", ", ")) for (language, themes), count in editions]
        rows += [(count, "-", f"skipped: {reason}") for reason, count in ready.recipients.skips.items()]
        for line in table(rows) if rows else ():
            say(f"  {line}")
    say(f"K = {ready.in_doubt_limit}: a crash leaves at most K deliveries in doubt.")


def _confirm(ready: ReadyIssue, *, only_failed: bool, yes: bool) -> None:
    if only_failed and ready.account is None:  # a send would freeze the issue and fix its recipients
        raise DeliveryError(
            f"{ready.issue.digest}/{ready.issue.period} was not sent yet, so nobody's delivery failed;"
            " nothing was frozen. Send it without --only-failed."
        )
    if ready.recipients is not None and ready.recipients.total == 0:
        raise DeliveryError(
            "There are no subscribers; nothing was frozen."
            " Import people with `sse-digest subscribers import FILE.csv`."
        )
    nothing_open = ready.account is not None and ready.account.open == 0
    if yes or (nothing_open and not only_failed):
        return
    refuse_without_terminal("--yes to send without a question")
    click.confirm("Send it?", abort=True)


@contextlib.contextmanager
def _stop_on_signals(stop: asyncio.Event) -> Iterator[None]:
    """Set `stop` on SIGTERM and Ctrl-C, so that mails being handed over are finished."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        yield
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


def _send_data(ready: ReadyIssue, report: SendReport) -> Mapping[str, object]:
    progress = report.progress
    return {
        "digest": ready.issue.digest,
        "period": str(ready.issue.period),
        "k": ready.in_doubt_limit,
        "account": AccountReport.of(report.account),
        "attempted": progress.attempted,
        "accepted": progress.verdicts[Verdict.ACCEPTED],
        "deferred": progress.verdicts[Verdict.DEFERRED],
        "rejected": progress.verdicts[Verdict.REJECTED],
        "in_doubt": progress.verdicts[Verdict.UNKNOWN],
        "expired": progress.expired,
        "recovered": progress.recovered,
        "found_in_doubt": progress.doubtful,
        "alarm": progress.alarm,
        "suppressed": progress.suppressed,
        "rejects_many": report.rejects_many,
        "relay_away": progress.relay_away,
        "paced": progress.paced,
        "resumes_at": report.resumes_at,
        "next_retry": report.next_due,
        "in_other_hands": report.in_other_hands,
        "stopped": report.stopped,
    }


def _rejected_lines(ready: ReadyIssue, report: SendReport) -> Iterator[str]:
    if report.progress.suppressed:
        count = counted(report.progress.suppressed, "nonexistent address", "nonexistent addresses")
        yield f"{count} suppressed."
    if report.rejects_many:
        yield f"MORE THAN A TENTH WAS REJECTED. See why with: sse-digest report {ready.issue.period}"


def _send_lines(ready: ReadyIssue, report: SendReport) -> Iterator[str]:
    progress = report.progress
    if progress.recovered or progress.doubtful:
        yield (
            "An earlier send was killed:"
            f" {counted(progress.recovered, 'delivery', 'deliveries')} planned again,"
            f" {progress.doubtful} in doubt."
        )
    yield f"In this run: {words(progress)}."
    if progress.expired:
        again = f"sse-digest send {ready.issue.period} --digest {ready.issue.digest} --only-failed"
        yield f"{counted(progress.expired, 'delivery', 'deliveries')} expired. Send again with: {again}"
    yield from account_lines(AccountReport.of(report.account))
    yield from _rejected_lines(ready, report)
    if progress.alarm:
        yield f"PAUSED: {progress.alarm}"
    elif progress.relay_away and report.account.open:
        yield f"The relay cannot be reached: {progress.relay_away}"
    elif progress.paced and report.account.open:
        until = (
            ""
            if report.resumes_at is None
            else f" It continues after {report.resumes_at:%Y-%m-%d %H:%M:%S} UTC."
        )
        yield f"Nothing may be submitted now: {progress.paced}.{until}"
    if report.in_other_hands:
        yield f"{counted(report.in_other_hands, 'delivery', 'deliveries')} held by another running send."
    if report.next_due:
        yield f"Next retry: {report.next_due:%Y-%m-%d %H:%M:%S} UTC"
    says_itself = progress.alarm is not None and "`sse-digest send`" in progress.alarm
    if report.account.open and not says_itself:
        yield f"Finish it with: sse-digest send {ready.issue.period} --digest {ready.issue.digest}"

"""`drill`: kill real senders with the operator's settings, against a relay inside this process.

Everything is in a scratch folder; the operator's database and feeds are not opened.
"""

import asyncio
import contextlib
import os
import random
import secrets
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path

import click

from sse_digest.app import App, open_app
from sse_digest.app.sending import AccountReport
from sse_digest.audience.import_csv import import_subscribers
from sse_digest.cli.context import WRONG_USE, Context, digest_option, end, json_option, pass_context, utc_now
from sse_digest.cli.output import counted, emit, table
from sse_digest.cli.progress import show_steps
from sse_digest.cli.sending.status import account_lines
from sse_digest.errors import DeliveryError, SettingsError, UsageError
from sse_digest.model.deliveries import Account
from sse_digest.model.issues import Digest, Period
from sse_digest.rendering.resources import folder
from sse_digest.sandbox.counting_smtp import CountingSmtp, sinks
from sse_digest.sandbox.drill_report import DrillResult
from sse_digest.sandbox.drill_settings import SECRETS, relay_count, scratch_of, written
from sse_digest.settings import Settings
from sse_digest.store.sending import accounts
from sse_digest.store.sending.accounts import told_deliveries

PERIOD = Period(2023, 4)  # month of the example news
PATIENCE_S = 120.0  # after which a sender is killed even if it has not handed over the mails waited for
AFTER_S = 0.02  # longest time between the mail that is waited for and the kill
EARLY = 0.2  # share of kills before a sender has handed over anything
Step = Callable[[int, str], None]


@click.command()
@click.option(
    "--people", type=click.IntRange(1, 100_000), default=200, show_default=True, help="Made-up subscribers."
)
@click.option(
    "--kills", type=click.IntRange(0, 1_000), default=10, show_default=True, help="Senders to kill."
)
@click.option("--seed", type=int, help="Seed of the random instants. Default: a new one, which is printed.")
@digest_option
@json_option
@pass_context
def drill(
    context: Context, people: int, kills: int, seed: int | None, digest_name: str | None, as_json: bool
) -> None:
    """Kill `send` at random instants, with your settings and made-up people, and print the account.

    Mails go to a server inside this process, and everything is in a scratch folder: your database and feeds
    are not changed, and no mail leaves this machine. Exit codes: 0 the promise was kept, 1 it was not (the
    folder is then kept), 2 wrong use or configuration.
    """
    chosen = secrets.randbelow(10**9) if seed is None else seed
    settings = context.settings()
    with show_steps(kills + 1, quiet=as_json) as step:
        root, found = asyncio.run(_play(settings, digest_name, people, kills, random.Random(chosen), step))  # noqa: S311 # instants, not secrets
    broken = tuple(found.broken())
    kept = str(root) if broken else None
    if not broken:
        shutil.rmtree(root, ignore_errors=True)
    emit(_data(found, chosen, broken, kept), _lines(found, chosen, broken, kept), as_json=as_json)
    end(attention=bool(broken))


async def _play(
    settings: Settings, digest: str | None, people: int, kills: int, chance: random.Random, step: Step
) -> tuple[Path, DrillResult]:
    sink = CountingSmtp(chance)
    root = Path(tempfile.mkdtemp(prefix="sse-digest-drill-"))
    try:
        async with sinks(sink, relay_count(settings)) as ports:
            scratch = _lay_out(settings, digest, root, ports)
            await _invite(scratch, people)
            ground = _Ground(scratch, sink, chance, people, kills, step)
            return root, await ground.drill()
    except BaseException:
        shutil.rmtree(root, ignore_errors=True)
        raise


def _lay_out(settings: Settings, digest: str | None, root: Path, ports: tuple[int, ...]) -> Settings:
    """Write the scratch installation.

    Raises:
        UsageError: there is no such digest.
    """
    names = [one.name for one in settings.digests()]
    if digest is None and len(names) == 1:
        digest = names[0]
    if digest is None or digest not in names:
        raise UsageError(f"Name the digest with --digest. Known: {', '.join(names) or 'none'}.")
    news = folder("examples") / "news.txt"
    scratch = scratch_of(settings, digest, folder=root, ports=ports, news=news)
    secret = root / SECRETS
    secret.touch(mode=0o600)
    secret.write_text(secrets.token_urlsafe(32) + "\n", encoding="ascii")
    (root / "config.toml").write_text(written(scratch.config), encoding="utf-8")
    return scratch


async def _invite(scratch: Settings, people: int) -> None:
    """Compose the issue and add made-up subscribers; wrong settings raise an error here."""
    with open_app(scratch, utc_now) as app:
        digest = app.digest(None)
        read = await app.fetch()
        for report in read:
            if report.problem is not None:
                raise DeliveryError(f"The example news could not be read: {report.problem}")
        app.compose(digest, PERIOD, skip_earlier=True)
        file = scratch.folder / "people.csv"
        languages = cycle(digest.languages)
        rows = [f"p{number}@readers.example,{next(languages)}" for number in range(people)]
        file.write_text("\n".join(["address,language", *rows]) + "\n", encoding="utf-8")
        options = app.audience_options(digest.lists[0])
        import_subscribers(app.store, file, options, secret_keys=scratch.secret_keys(), now=app.clock())
        app.ready(digest, PERIOD)


@dataclass(slots=True)
class _Ground:
    """A running drill."""

    scratch: Settings
    sink: CountingSmtp
    chance: random.Random
    people: int
    kills: int
    step: Step
    killed: int = 0
    worst: int = 0
    unbalanced: int = 0
    start_s: float = field(default=1.0)  # seconds the last sender took to hand over its first mail

    async def drill(self) -> DrillResult:
        """Kill one sender after another, let the last one end, and return the result."""
        for number in range(self.kills):
            self.step(
                number,
                f"{counted(self.killed, 'sender')} killed, mail for {len(self.sink.taken)} people received",
            )
            if not await self._kill_one():
                break
        twice = self.sink.twice
        async with self._sender("--wait", "1m") as last:
            code = await last.wait()
        await self.sink.at_rest()
        self.worst = max(self.worst, self.sink.twice - twice)
        if code == WRONG_USE:
            raise SettingsError(f"`send` could not start: {self._last_words()}")
        return self._found()

    async def _kill_one(self) -> bool:
        """Kill a sender at a random instant; return whether it was still running."""
        twice = self.sink.twice
        async with self._sender() as sender:
            done = asyncio.ensure_future(sender.wait())
            await self._some_instant(done)
            was_running = not done.done()
            if was_running:
                sender.kill()
            code = await done
        await self.sink.at_rest()
        self.killed += code == -signal.SIGKILL
        self.worst = max(self.worst, self.sink.twice - twice)
        with open_app(self.scratch, utc_now) as app:
            account = _account(app)
        self.unbalanced += account is not None and not account.balances
        return was_running

    async def _some_instant(self, done: "asyncio.Future[int]") -> None:
        """Wait for a random number of mails and a moment more, or not even until a sender has started."""
        loop = asyncio.get_running_loop()
        begun, before = loop.time(), self.sink.taken.total()
        if self.chance.random() < EARLY:
            await asyncio.wait({done}, timeout=self.chance.random() * self.start_s)
            return
        more = self.chance.randint(1, max(1, 2 * self.people // (self.kills + 2)))
        await _either(done, self.sink.has_taken(before + 1))
        self.start_s = loop.time() - begun
        await _either(done, self.sink.has_taken(before + more))
        await asyncio.wait({done}, timeout=self.chance.random() * AFTER_S)

    @asynccontextmanager
    async def _sender(self, *more: str) -> AsyncIterator[asyncio.subprocess.Process]:
        """Run `sse-digest send` as a process, which is killed at the end of the block."""
        config = self.scratch.folder / "config.toml"
        verb = ("send", str(PERIOD), "--yes", *more)
        with self._log.open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "sse_digest", "--config", str(config), *verb,
                stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log, env=_environment(),
            )  # fmt: skip
        try:
            yield process
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()

    @property
    def _log(self) -> Path:
        return self.scratch.folder / "send.log"

    def _last_words(self) -> str:
        lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines()
        return " ".join(lines[-3:]) or "it printed nothing"

    def _found(self) -> DrillResult:
        with open_app(self.scratch, utc_now) as app:
            digest, account = app.digest(None), _account(app)
            with app.store.reading() as connection:
                told = list(told_deliveries(connection, digest.name, str(PERIOD)))
        options = self.scratch.send_options()
        if account is None:
            raise DeliveryError(f"`send` never fixed its recipients: {self._last_words()}")
        return DrillResult(
            people=self.people,
            kills_wanted=self.kills,
            kills=self.killed,
            in_doubt_limit=options.in_doubt_limit,
            policy=options.in_doubt,
            copies=dict(self.sink.taken),
            worst=self.worst,
            account=account,
            told=told,
            unbalanced=self.unbalanced,
        )


async def _either(done: "asyncio.Future[int]", wanted: Coroutine[None, None, None]) -> None:
    """Wait for either of the two, up to PATIENCE_S."""
    waiting: asyncio.Future[None] = asyncio.ensure_future(wanted)
    both: set[asyncio.Future[int] | asyncio.Future[None]] = {done, waiting}
    await asyncio.wait(both, timeout=PATIENCE_S, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()


def _account(app: App) -> Account | None:
    digest: Digest = app.digest(None)
    with app.store.reading() as connection:
        return accounts.account(connection, digest.name, str(PERIOD))


def _environment() -> dict[str, str]:
    """Return the environment without settings, which are in the scratch configuration."""
    return {name: value for name, value in os.environ.items() if not name.upper().startswith("SSE_DIGEST")}


def _data(found: DrillResult, seed: int, broken: tuple[str, ...], kept: str | None) -> Mapping[str, object]:
    return {
        "people": found.people,
        "kills": found.kills,
        "kills_wanted": found.kills_wanted,
        "seed": seed,
        "k": found.in_doubt_limit,
        "in_doubt_policy": found.policy.value,
        "accepted": found.accepted,
        "in_doubt": found.doubts,
        "held": found.held,
        "sent_twice": found.twice,
        "most_after_one_kill": found.worst,
        "missed": found.missed,
        "missed_unlisted": found.missed_unlisted,
        "account": AccountReport.of(found.account),
        "promise_kept": not broken,
        "broken": broken,
        "folder": kept,
    }


def _lines(found: DrillResult, seed: int, broken: tuple[str, ...], kept: str | None) -> list[str]:
    once = '"resend": send again if no reply was seen'
    never = '"hold": never send twice'
    policy = once if found.policy == "resend" else never
    rows = [
        (found.people, "people"),
        (found.kills, f"senders killed (seed {seed})"),
        (found.accepted, "deliveries recorded as accepted"),
        (found.doubts, f"deliveries in doubt after a kill; {found.held} of them still are, and are listed"),
        (
            found.twice,
            f"people got two copies: at most {found.worst} after one kill, K = {found.in_doubt_limit}",
        ),
        (
            found.missed,
            f"people got none; {found.missed - found.missed_unlisted} of them are listed as in doubt",
        ),
    ]
    lines = [f"in_doubt = {policy}", *table((f"{count:>7}", text) for count, text in rows)]
    lines += account_lines(AccountReport.of(found.account))
    if found.kills < found.kills_wanted:
        lines.append(
            f"The send ended before all {found.kills_wanted} kills. Use more --people for more kills."
        )
    if broken:
        return [*lines, "THE PROMISE WAS NOT KEPT:", *(f"  {one}" for one in broken), f"The folder is {kept}"]
    return [
        *lines,
        "The promise was kept: nobody was missed without being listed, and at most K people got two copies.",
    ]

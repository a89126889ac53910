"""A whole installation in a folder: configuration, items, an issue and subscribers, ready to send."""

import faulthandler
import multiprocessing
import os
import re
import shutil
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from sse_digest.app import App, open_app
from sse_digest.audience.import_csv import import_subscribers
from sse_digest.cli.setup.demo import FILES
from sse_digest.model.issues import Period
from sse_digest.rendering.resources import folder
from sse_digest.settings import load_settings
from sse_digest.store import Connection, engine

APRIL = Period(2023, 4)
Sender = ForkServerProcess
NOW = datetime(2023, 5, 2, 8, tzinfo=UTC)
ENDS_WITHIN_S = 600  # else it tells in output.log where it hangs and is killed: no test waits for ever
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["sse_digest.cli.sending.send", "sse_digest.settings"])


@dataclass(frozen=True, slots=True)
class Death:
    """At which writing transaction of its life a process kills itself, from 1."""

    write: int
    after: bool  # once it is committed; else before


@dataclass(frozen=True, slots=True)
class Installation:
    """Where it lies."""

    root: Path

    @property
    def config(self) -> Path:
        return self.root / "config.toml"

    def sender(self, *arguments: str, ahead: timedelta = timedelta(0), dies: Death | None = None) -> Sender:
        """Start `sse-digest send` in a process of its own, as cron would; its clock may be wrong."""
        verb = ("send", "2023-04", "--yes", *arguments)
        process = _FORKS.Process(target=_run, args=(self.config, verb, ahead, dies))
        process.start()
        return process

    @contextmanager
    def app(self) -> Iterator[App]:
        """Open it in this process."""
        with open_app(load_settings(self.config), lambda: NOW) as app:
            yield app


def _run(config: Path, arguments: tuple[str, ...], ahead: timedelta, dies: Death | None) -> None:
    from sse_digest.cli import context, main  # noqa: PLC0415 # in the child

    sys.argv = ["sse-digest", "--config", str(config), *arguments]
    sys.stdout = sys.stderr = output = (config.parent / "output.log").open("a", buffering=1, encoding="utf-8")
    faulthandler.register(signal.SIGALRM, file=output, chain=True)
    signal.alarm(ENDS_WITHIN_S)
    context.utc_now = lambda: datetime.now(UTC) + ahead
    if dies is not None:
        _die(dies)
    main()


def _die(death: Death) -> None:
    """Have this process killed at one of its commits."""
    commit = engine._commit
    commits = 0

    def counted(connection: Connection) -> None:
        nonlocal commits
        commits += 1
        if commits == death.write and death.after:
            commit(connection)
        if commits == death.write:
            os.kill(os.getpid(), signal.SIGKILL)
        commit(connection)

    engine._commit = counted  # only in a child that dies


def change(text: str, values: Mapping[str, str]) -> str:
    """Set keys of the example configuration, each to a TOML value."""
    for key, value in values.items():
        text, count = re.subn(rf"(?m)^{key} = .*$", f"{key} = {value}", text)
        assert count == 1, key
    return text


async def make_installation(
    root: Path, *, port: int, people: int, changes: Mapping[str, str] | None = None, more: str = ""
) -> Installation:
    """Make one with so many subscribers and the issue 2023-04 composed; `more` goes to its configuration."""
    root.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        shutil.copyfile(folder("examples") / name, root / name)
    (root / "var").mkdir()
    (root / "secret_keys").write_text("0123456789abcdefghijklmnopqrstuvwxyzABCDEF\n")
    installation = Installation(root)
    text = change(
        installation.config.read_text(encoding="utf-8"),
        {"port": str(port), "first_period": '"2023-04"', **(changes or {})},
    )
    installation.config.write_text(text + more, encoding="utf-8")
    rows = [
        f"p{number:04d}@readers.example,{('en', 'fr', 'es', 'ar')[number % 4]}" for number in range(people)
    ]
    (root / "people.csv").write_text("\n".join(["address,language", *rows]) + "\n", encoding="utf-8")
    with installation.app() as app:
        assert [report.problem for report in await app.fetch()] == [None, None]
        app.compose(app.digest(None), APRIL)
        keys = app.settings.secret_keys()
        import_subscribers(
            app.store, root / "people.csv", app.audience_options(None), secret_keys=keys, now=NOW
        )
    return installation

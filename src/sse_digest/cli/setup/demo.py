"""`demo`: everything from a news page to received mails, on this machine only, with a fixed clock."""

import asyncio
import contextlib
import re
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from sse_digest.app import App, open_app
from sse_digest.app.sending import AccountReport
from sse_digest.audience.import_csv import import_subscribers
from sse_digest.audience.subscribing import suppress_address
from sse_digest.cli.context import end
from sse_digest.cli.issues.compose import write_files
from sse_digest.cli.news.publish import answer, bound
from sse_digest.cli.news.sources import fetch_lines
from sse_digest.cli.output import say
from sse_digest.cli.sending.status import account_lines
from sse_digest.errors import UsageError
from sse_digest.feeds.names import ALL, FEED_FORMATS, name_of
from sse_digest.feeds.output.generations import published_names
from sse_digest.model.issues import Period
from sse_digest.rendering.resources import folder
from sse_digest.sandbox.mailbox import Mailbox, MailboxView, mailbox_pages, read_mailbox
from sse_digest.sandbox.maildir_smtp import LOOPBACK, mail_server
from sse_digest.settings import load_settings
from sse_digest.web import site

CLOCK = datetime(2023, 5, 2, 8, tzinfo=UTC)  # the demo's current time, when both months are complete
_OF_ALL = frozenset(name_of(ALL, format_) for format_ in FEED_FORMATS)
PERIODS = (Period(2023, 3), Period(2023, 4))
SUPPRESSED = "no.longer.here@readers.example"
FILES = ("news.html", "news.txt", "subscribers.csv", "config.toml")
TITLE = "sse-digest: the demo"


@dataclass(frozen=True, slots=True)
class DemoFolders:
    """The folders and files of a demo."""

    root: Path

    @property
    def maildir(self) -> Path:
        """The mails that the demo's relay received."""
        return self.root / "mailbox"

    @property
    def config(self) -> Path:
        """The demo's configuration."""
        return self.root / "config.toml"


@click.command()
@click.argument(
    "directory", metavar="[DIR]", type=click.Path(path_type=Path, file_okay=False), required=False
)
@click.option("--serve", is_flag=True, help="Keep running and serve the feeds, the mails and their links.")
@click.option("--port", type=click.IntRange(0, 65535), default=8025, show_default=True, help="With --serve.")
def demo(directory: Path | None, serve: bool, port: int) -> None:
    """Read an example page, publish feeds, compose two issues and send them to a server in this process.

    Everything is in DIR, or in a new temporary folder. The clock shows 2 May 2023.
    """
    place = _settle(directory)
    attention = asyncio.run(_play(place, serve_at=port if serve else None))
    end(attention=attention)


def _settle(directory: Path | None) -> DemoFolders:
    """Write the demo's folder.

    Raises:
        UsageError: the folder is not empty or cannot be written.
    """
    try:
        root = Path(tempfile.mkdtemp(prefix="sse-digest-demo-")) if directory is None else directory.resolve()
        root.mkdir(parents=True, exist_ok=True)
        if any(root.iterdir()):
            raise UsageError(f"{root} is not empty. Choose a new folder for the demo; nothing was changed.")
        for name in FILES:
            shutil.copyfile(folder("examples") / name, root / name)
        (root / "var").mkdir()
        keys = root / "secret_keys"
        keys.touch(mode=0o600)
        keys.write_text(secrets.token_urlsafe(32) + "\n", encoding="ascii")
    except OSError as error:
        raise UsageError(f"{directory}: {error.strerror}. Choose a folder you can write to.") from error
    return DemoFolders(root)


async def _play(place: DemoFolders, *, serve_at: int | None) -> bool:
    """Run every step; return whether something needs attention."""
    async with mail_server(place.maildir) as relay_port, _opened(place, relay_port) as app:
        say(f"The demo is in {place.root}\n")
        needs_attention = await _read_and_publish(app)
        _invite(app, place)
        for period in PERIODS:
            needs_attention |= await _send(app, period)
        if serve_at is not None:
            await _serve(app, place, serve_at)
        else:
            _write_pages(app, place)
            _close(place)
    return needs_attention


@contextlib.asynccontextmanager
async def _opened(place: DemoFolders, relay_port: int) -> AsyncIterator[App]:
    text = place.config.read_text(encoding="utf-8")
    place.config.write_text(re.sub(r"(?m)^port = .*$", f"port = {relay_port}", text), encoding="utf-8")
    with open_app(load_settings(place.config), lambda: CLOCK) as app:
        yield app


async def _read_and_publish(app: App) -> bool:
    _step("Read the sources")
    fetched = await app.fetch()
    _print(fetch_lines(fetched))
    _step("Publish the feeds")
    published = await app.publish()
    count = len(published.built.changed) + published.built.unchanged
    _print([f"{count} documents in {app.settings.feed_options().folder / 'current'}"])
    return any(report.problem for report in fetched)


def _invite(app: App, place: DemoFolders) -> None:
    _step("Import the subscribers")
    keys = app.settings.secret_keys()
    suppress_address(app.store, SUPPRESSED, reason="the demo's example", secret_keys=keys, now=CLOCK)
    people = place.root / "subscribers.csv"
    report = import_subscribers(app.store, people, app.audience_options(None), secret_keys=keys, now=CLOCK)
    _print([f"{report.rows} rows: {report.added} imported, {report.refused} refused"])
    _print(f"line {found.line}: {found.text}" for found in report.refusals)


async def _send(app: App, period: Period) -> bool:
    digest = app.digest(None)
    _step(f"Compose and send {digest.name}/{period}")
    composed = app.compose(digest, period)
    if composed.issue is not None:
        sections = ", ".join(f"{len(part.items)} {part.theme}" for part in composed.issue.sections)
        _print([f"{composed.issue.item_count} items: {sections}", str(composed.account)])
    report = await app.send(digest, period, wait=timedelta(0), stop=asyncio.Event())
    _print(account_lines(AccountReport.of(report.account)))
    return not report.is_clean


def _view(app: App, place: DemoFolders, here: str | None) -> MailboxView:
    names = published_names(place.root / "feeds")
    # Every page links to its other formats; only those of the feed of all items are listed here.
    feeds = sorted(name for name in names if name.endswith((".html", ".opml")) or name in _OF_ALL)
    at = "feeds/current/" if here is None else "feeds/"
    public_url = app.settings.public_url or ""
    return MailboxView(title=TITLE, feeds=feeds, feeds_at=at, public_url=public_url, here=here)


def _write_pages(app: App, place: DemoFolders) -> None:
    write_files(place.root, mailbox_pages(read_mailbox(place.maildir), _view(app, place, None)))


def _close(place: DemoFolders) -> None:
    _step("Look at it")
    _print(
        [
            f"Feeds and mails on one page: {(place.root / 'index.html').as_uri()}",
            f"The mails as the relay received them: {place.maildir / 'new'}",
            f"The configuration: {place.config}",
        ]
    )
    _step("What next")
    _print(
        [
            "See the same with working links: sse-digest demo --serve",
            f"Try a command: sse-digest --config {place.config} status 2023-04",
            f"                  sse-digest --config {place.config} items list",
            "Set up your own: run sse-digest init my-digest and follow its advice.",
        ]
    )


async def _serve(app: App, place: DemoFolders, port: int) -> None:
    """Serve until asked to stop; links in mails point to this server."""
    with bound(LOOPBACK, port) as listener:
        here = f"http://{LOOPBACK}:{listener.getsockname()[1]}"
        pages = site(app, Mailbox(place.maildir, _view(app, place, here)).routes())
        _step("Look at it")
        _print([f"Feeds and mails on one page: {here}/", "Stop with Ctrl-C."])
        await answer(pages, listener)


def _step(title: str) -> None:
    say(f"\n{title}")


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        say(f"  {line}")

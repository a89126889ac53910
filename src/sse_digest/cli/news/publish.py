"""`publish` and `serve`: write the feeds as files, and serve them."""

import asyncio
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import uvicorn
from starlette.applications import Starlette

from sse_digest.app import App
from sse_digest.app.publishing import PublishReport
from sse_digest.cli.context import Context, json_option, pass_context
from sse_digest.cli.output import counted, emit, say
from sse_digest.errors import UsageError
from sse_digest.feeds.output.generations import roll_back
from sse_digest.feeds.output.server_config import HOSTS
from sse_digest.web import site

_LISTED = 50  # names of documents listed for people; --json has all


@click.command()
@click.option(
    "--accept-changed-ids",
    is_flag=True,
    help="Publish even though ids differ from those published before; readers will show old news as new.",
)
@click.option(
    "--anew", is_flag=True, help="Write and compare every document, even those that should be unchanged."
)
@click.option("--rollback", is_flag=True, help="Publish the previous generation again, and write nothing.")
@click.option(
    "--host-config",
    type=click.Choice(sorted(HOSTS)),
    help="Print the configuration with which this web server serves the feeds, and publish nothing.",
)
@json_option
@pass_context
def publish(
    context: Context,
    accept_changed_ids: bool,
    anew: bool,
    rollback: bool,
    host_config: str | None,
    as_json: bool,
) -> None:
    """Write and check the feeds of all stored items, then put them in place.

    If a document breaks a rule, nothing is published and the exit code is 1.
    """
    if host_config:
        say(HOSTS[host_config](context.settings().feed_options()), nl=False)
        return
    if rollback:
        name = roll_back(context.settings().feed_options().folder)
        emit({"generation": name}, [f"Generation {name} is in place again."], as_json=as_json)
        return
    report = context.run_async(lambda app: app.publish(accept_changed_ids=accept_changed_ids, anew=anew))
    place = context.settings().feed_options().folder / "current"
    data = {
        "generation": report.built.generation,
        "changed": list(report.built.changed),
        "unchanged": report.built.unchanged,
        "removed": list(report.built.removed),
        "folder": str(place),
        "hub": report.pings
        and {
            "told": list(report.pings.told),
            "waiting": list(report.pings.waiting),
            "problem": report.pings.problem,
        },
    }
    emit(data, _lines(report, place), as_json=as_json)


def _lines(report: PublishReport, place: Path) -> Iterator[str]:
    yield from _hub_lines(report)
    changed, unchanged = report.built.changed, report.built.unchanged
    if not changed and not report.built.removed:
        yield f"Nothing changed: {counted(unchanged, 'document')} stayed the same."
        return
    yield f"Published {len(changed)} changed and {unchanged} unchanged documents in {place}:"
    yield from (f"  {name}" for name in changed[:_LISTED])
    if len(changed) > _LISTED:
        yield f"  and {len(changed) - _LISTED} more"


def _hub_lines(report: PublishReport) -> Iterator[str]:
    if report.pings is None:
        return
    if report.pings.told:
        yield f"The hub was notified of {counted(len(report.pings.told), 'changed feed')}."
    if report.pings.problem:
        waiting = len(report.pings.waiting)
        yield (
            f"{report.pings.problem} {counted(waiting, 'changed feed')} will be sent to it with the"
            " next publish."
        )


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=8080, show_default=True)
@pass_context
def serve(context: Context, host: str, port: int) -> None:
    """Serve the feeds and the pages that mails link to. Put a web server with TLS in front of it."""

    async def run(app: App) -> None:
        await listen(app, host, port)

    context.run_async(run, is_busy=True)


class Server(uvicorn.Server):
    """A server that ends normally on a signal."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop on SIGTERM and Ctrl-C, without raising them again."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop)
        try:
            yield
        finally:
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(number)

    def _stop(self) -> None:
        self.should_exit = True


async def listen(app: App, host: str, port: int) -> None:
    """Serve the pages of an installation until asked to stop.

    Raises:
        UsageError: the address cannot be listened on.
    """
    with bound(host, port) as listener:
        say(f"Serving {app.settings.public_url} on http://{host}:{port}/ (stop with Ctrl-C)", err=True)
        await answer(site(app), listener)


@contextmanager
def bound(host: str, port: int) -> Iterator[socket.socket]:
    """Listen on an address during the block; yield the socket. Port 0 means any free port.

    Raises:
        UsageError: the address is in use or not one of this machine.
    """
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.create_server((host, port), family=family)
    except OSError as error:
        raise UsageError(
            f"{host}, port {port}: {error.strerror}. Choose another with --port or --host."
        ) from error
    with listener:
        yield listener


async def answer(pages: Starlette, listener: socket.socket) -> None:
    """Serve pages until asked to stop."""
    config = uvicorn.Config(pages, http="httptools", log_level="warning", server_header=False)
    await Server(config).serve(sockets=[listener])

"""`publish` and `serve`: the feeds as files, and as pages."""

import asyncio
from collections.abc import Iterator

import click
import uvicorn

from sse_digest.app import App
from sse_digest.cli.frame import Frame, emit, json_option, pass_frame
from sse_digest.feeds.publish import PublishReport
from sse_digest.web import site


@click.command()
@json_option
@pass_frame
def publish(frame: Frame, as_json: bool) -> None:
    """Write the feeds of all stored items and swap them in at once."""
    report = frame.run(lambda app: app.publish())
    data = {
        "generation": report.generation,
        "changed": list(report.changed),
        "unchanged": list(report.unchanged),
        "removed": list(report.removed),
        "files": {name: str(path) for name, path in report.files.items()},
    }
    emit(data, _lines(report), as_json=as_json)


def _lines(report: PublishReport) -> Iterator[str]:
    if not report.changed and not report.removed:
        yield f"Nothing changed: {len(report.unchanged)} documents stand as they were."
        return
    yield f"Published {len(report.changed)} changed and {len(report.unchanged)} unchanged documents:"
    for name in report.changed:
        yield f"  {report.files[name]}"


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=8080, show_default=True)
@pass_frame
def serve(frame: Frame, host: str, port: int) -> None:
    """Serve the feeds and the pages that mails link to. Put a web server with TLS in front of it."""

    async def run(app: App) -> None:
        click.echo(f"Serving {app.settings.public_url} on http://{host}:{port}/ (stop with Ctrl-C)", err=True)
        await listen(app, host, port)

    frame.run(run)


async def listen(app: App, host: str, port: int) -> None:
    """Answer requests until told to stop."""
    config = uvicorn.Config(site(app), host=host, port=port, log_level="warning", server_header=False)
    server = uvicorn.Server(config)
    await asyncio.shield(server.serve())

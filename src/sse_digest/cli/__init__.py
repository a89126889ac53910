"""The command line. Each verb parses, calls one function of the program, and prints its report."""

import sys
from pathlib import Path

import click

from sse_digest import __version__
from sse_digest.cli import (
    accounting,
    demo,
    issues,
    items,
    publishing,
    sending,
    setup,
    sources,
    subscribers,
    themes,
)
from sse_digest.cli.frame import ATTENTION, Frame, configure_logs, explain
from sse_digest.errors import SseDigestError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The configuration file. Else SSE_DIGEST_CONFIG, else ./config.toml.",
)
@click.option("--verbose", is_flag=True, help="Log every event to standard error.")
@click.version_option(__version__, prog_name="sse-digest")
@click.pass_context
def cli(context: click.Context, config: Path | None, verbose: bool) -> None:
    """Read a news page, publish feeds, compose a monthly digest and send it.

    Exit codes: 0 done, 1 done but something needs attention, 2 wrong use or configuration.
    """
    configure_logs(verbose=verbose)
    context.obj = Frame(config=config)


for command in (
    setup.init,
    setup.doctor,
    sources.sources,
    sources.fetch,
    items.items,
    themes.themes,
    publishing.publish,
    publishing.serve,
    issues.compose,
    issues.preview,
    subscribers.subscribers,
    sending.send,
    accounting.status,
    accounting.resolve,
    demo.demo,
):
    cli.add_command(command)


def main() -> None:
    """Run the command line and end with its exit code."""
    try:
        cli(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped.", err=True)
        sys.exit(ATTENTION)
    except SseDigestError as error:
        sys.exit(explain(error))
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(ATTENTION)

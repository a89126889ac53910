"""The command line. Each verb parses its options, calls one use case, and prints the report.

`context` has what all verbs share; `arguments` are the types of their options; `output` prints reports to
the `streams`; `progress` and `progress_bar` show progress.
Verbs are in `setup`, `news`, `issues`, `sending`, `subscribers` and `suppressions`. A verb's module is
imported when the verb is used, so that `--help` does not wait for the database.
"""

import importlib
import io
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

import click

from sse_digest import __version__
from sse_digest.cli.arguments import refuse_odd_text
from sse_digest.cli.context import ATTENTION, Context, configure_logs, explain, explain_bug, explain_system
from sse_digest.cli.output import say
from sse_digest.cli.streams import flush_streams, give_up, prepare_streams
from sse_digest.errors import SseDigestError

# In the order of a first use. A test compares each summary with the verb's docstring.
VERBS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {  # verb: (module, summary)
        "init": ("setup.init", "Write a commented configuration, secret keys and folders into DIR."),
        "doctor": (
            "setup.doctor",
            "Check whether configuration, templates, database, sources and relay are usable.",
        ),
        "sources": ("news.sources", "Show the items of a page or file, and the state of the sources."),
        "fetch": ("news.sources", "Read all sources and store what is new."),
        "items": ("news.items", "List, show, explain and edit stored items."),
        "themes": ("news.themes", "Try the theme rules."),
        "publish": ("news.publish", "Write and check the feeds of all stored items, then put them in place."),
        "serve": ("news.publish", "Serve the feeds and the pages that mails link to."),
        "feeds": ("news.feeds", "Check any feed; print links to your own feeds."),
        "compose": ("issues.compose", "Compose the issue of PERIOD."),
        "issue": ("issues.issue", "Show an issue, or change it before it is sent."),
        "gate": (
            "issues.gate",
            "Check the mails of PERIOD as `send` does; show each broken rule, where, and the fix.",
        ),
        "approve": (
            "issues.approve",
            "Approve the issue of PERIOD as it is now; any later change voids the approval.",
        ),
        "preview": ("issues.compose", "Write the mail of PERIOD as HTML, text and .eml files."),
        "subscribers": (
            "subscribers",
            "Import, list, add, remove, restore, suppress and export subscribers.",
        ),
        "suppressions": (
            "suppressions",
            "List and lift suppressions; decide about addresses that a relay reports as nonexistent.",
        ),
        "templates": ("setup.templates", "Copy the mail templates, to change them."),
        "dkim": ("setup.dkim", "Make a key to sign mails, and show its DNS record."),
        "send": ("sending.send", "Send the issue of PERIOD to every subscriber."),
        "pause": ("sending.pause", "Pause sending an issue, even if another process is sending it."),
        "resume": (
            "sending.pause",
            "Resume a paused issue, so that the next `send` continues.",
        ),
        "cancel": (
            "sending.pause",
            "Cancel the remaining deliveries of an issue, so that nobody else receives it.",
        ),
        "status": ("sending.status", "Show the account of an issue."),
        "report": (
            "sending.report",
            "Show who received the issue of PERIOD, who did not, and why.",
        ),
        "resolve": ("sending.status", "List the deliveries that are held in doubt, or resolve them."),
        "drill": (
            "sending.drill",
            "Kill `send` at random instants, with your settings and made-up people, and print the account.",
        ),
        "demo": ("setup.demo", "Read an example page, publish feeds, compose two issues and send them."),
    }
)


class Verbs(click.Group):
    """The verbs in `VERBS`, each imported when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the verbs in the order of `VERBS`."""
        del ctx
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a verb, or None if there is none of this name."""
        del ctx
        if cmd_name not in VERBS:
            return None
        module = importlib.import_module(f"sse_digest.cli.{VERBS[cmd_name][0]}")
        command = getattr(module, cmd_name)
        return refuse_odd_text(command) if isinstance(command, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of verbs without importing them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(verb, sentence) for verb, (_, sentence) in VERBS.items()])


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The configuration file. Default: SSE_DIGEST_CONFIG, or ./config.toml.",
)
@click.option("--verbose", is_flag=True, help="Log every event to standard error.")
@click.version_option(__version__, prog_name="sse-digest")
@click.pass_context
def cli(context: click.Context, config: Path | None, verbose: bool) -> None:
    """Read a news page, publish feeds, compose a monthly digest and send it.

    Exit codes: 0 done, 1 done but something needs attention, 2 wrong use or configuration.
    """
    configure_logs(verbose=verbose)
    context.obj = Context(config=config)


def main() -> None:
    """Run the command line and end with its exit code."""
    prepare_streams()
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)  # `__main__` answers until here
    code = _code_of(lambda: cli(standalone_mode=False))
    code = _code_of(flush_streams) or code
    sys.exit(code)


def _code_of(work: Callable[[], object]) -> int:
    """Do some work, explain what went wrong, and return the exit code."""
    try:
        work()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 # users never see a traceback
        return _explained(error)
    return 0


def _explained(error: Exception | KeyboardInterrupt) -> int:
    """Print what went wrong; return the exit code."""
    code = ATTENTION
    match error:
        case click.ClickException():
            shown = io.StringIO()
            error.show(shown)
            say(shown.getvalue(), err=True, nl=False)
            code = error.exit_code
        case click.Abort() | KeyboardInterrupt():
            say("Stopped.", err=True)
        case SseDigestError():
            code = explain(error)
        case BrokenPipeError():
            give_up(sys.stdout)
        case OSError():
            code = explain_system(error)
        case _:
            if "--verbose" in sys.argv:
                raise error
            explain_bug(error)
    return code

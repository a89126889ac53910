"""The command line. Each verb parses, calls one function of the program, and prints its report.

`context` is what every verb shares; `output` prints reports; `progress` and `progress_bar` show long
work. Verbs are in `setup`, `news`, `issues` and `sending`, with `subscribers` and `suppressions` next to
them. A verb's module is imported when the verb is used: `--help` must not wait for the database.
"""

import importlib
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import click

from sse_digest import __version__
from sse_digest.cli.context import ATTENTION, Context, configure_logs, explain
from sse_digest.cli.output import say
from sse_digest.errors import SseDigestError

# In the order of a first use. A test compares the sentences with what each verb says of itself.
VERBS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {  # verb: (module, what it does)
        "init": ("setup.init", "Write a commented configuration, secret keys and folders into DIR."),
        "doctor": (
            "setup.doctor",
            "Say whether configuration, templates, database, sources and relay are usable.",
        ),
        "sources": ("news.sources", "Show what a page or file would give."),
        "fetch": ("news.sources", "Read all sources and store what is new."),
        "items": ("news.items", "List, show, explain and edit stored items."),
        "themes": ("news.themes", "Try the theme rules."),
        "publish": ("news.publish", "Write and check the feeds of all stored items, then put them in place."),
        "serve": ("news.publish", "Serve the feeds and the pages that mails link to."),
        "feeds": ("news.feeds", "Check a feed, your own or another's; print links to your own."),
        "compose": ("issues.compose", "Make the issue of PERIOD."),
        "issue": ("issues.issue", "Show an issue, and change it before it is sent."),
        "gate": (
            "issues.gate",
            "Check the mails of PERIOD as `send` does: each broken rule, where, and what to do.",
        ),
        "approve": (
            "issues.approve",
            "Approve the issue of PERIOD as it looks now; any later change voids the approval.",
        ),
        "preview": ("issues.compose", "Write the mail of PERIOD as files to look at."),
        "subscribers": (
            "subscribers",
            "Import, list, add, remove, restore, suppress and export subscribers.",
        ),
        "suppressions": (
            "suppressions",
            "List and lift suppressed addresses; decide about those that a relay says do not exist.",
        ),
        "templates": ("setup.templates", "Copy the mail's templates, to change them."),
        "dkim": ("setup.dkim", "Make the key that signs the mails, and show its DNS record."),
        "send": ("sending.send", "Send the issue of PERIOD to every subscriber."),
        "pause": ("sending.pause", "Pause sending an issue, even if another process is sending it."),
        "resume": (
            "sending.pause",
            "Resume a paused issue, so that the next `send` continues.",
        ),
        "cancel": (
            "sending.pause",
            "Cancel the remaining deliveries of an issue: people who have not received it will not.",
        ),
        "status": ("sending.status", "Show the account of an issue."),
        "report": (
            "sending.report",
            "Show who got the issue of PERIOD, who did not, and why: by themes, language, domain and hour.",
        ),
        "resolve": ("sending.status", "List the deliveries that are held in doubt, or decide them."),
        "drill": (
            "sending.drill",
            "Kill `send` at random instants, with your settings and made-up people, and print the account.",
        ),
        "demo": ("setup.demo", "Read an example page, publish feeds, compose two issues and send them."),
    }
)


class Verbs(click.Group):
    """The verbs of the table above, each imported when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the verbs in their order."""
        del ctx
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a verb, or None if there is none of this name."""
        del ctx
        if cmd_name not in VERBS:
            return None
        module = importlib.import_module(f"sse_digest.cli.{VERBS[cmd_name][0]}")
        command = getattr(module, cmd_name)
        return command if isinstance(command, click.Command) else None

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
    try:
        cli(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        say("Stopped.", err=True)
        sys.exit(ATTENTION)
    except SseDigestError as error:
        sys.exit(explain(error))
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(ATTENTION)

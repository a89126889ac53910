"""What all verbs share: configuration, options, exit codes and logs.

Exit codes: 0 done, 1 done but something needs attention, 2 wrong use or configuration.
"""

import asyncio
import errno
import gc
import getpass
import importlib
import logging
import os
import sys
import traceback
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar

import click

from sse_digest.cli.arguments import PeriodType
from sse_digest.cli.output import say, visible
from sse_digest.errors import SettingsError, SseDigestError, UsageError
from sse_digest.model.items import shorten

if TYPE_CHECKING:  # `--help` must not wait for the database library
    from sse_digest.app import App
    from sse_digest.settings import Settings

T = TypeVar("T")
ATTENTION = 1
WRONG_USE = 2
_LONGEST_NAME = 200  # characters of a file's name that are shown
SWITCH_S = 0.0002  # how long a busy thread may keep others waiting; Python's default is 5 ms


def _without(name: str, wanted: str) -> ModuleType:
    """Import a module as if an optional dependency of it were not installed."""
    if name in sys.modules:
        return importlib.import_module(wanted)
    sys.modules[name] = None  # type: ignore[assignment] # makes its import fail
    try:
        return importlib.import_module(wanted)
    finally:
        del sys.modules[name]


# structlog would import rich for its tracebacks, which takes 6 MB and is not needed here.
structlog = _without("rich", "structlog")


@dataclass
class Context:
    """The values of the main options."""

    config: Path | None = None

    def settings(self) -> "Settings":
        """Read the configuration.

        Raises:
            SettingsError: it is missing or wrong.
        """
        from sse_digest.settings import load_settings  # noqa: PLC0415 # as above

        return load_settings(self.config)

    def settings_if_any(self) -> "Settings | None":
        """Read the configuration; return None if none was named and there is no ./config.toml.

        Raises:
            SettingsError: it is missing or wrong.
        """
        named = self.config or os.environ.get("SSE_DIGEST_CONFIG")
        return self.settings() if named or Path("config.toml").is_file() else None

    def run(self, work: Callable[["App"], T]) -> T:
        """Open the program, call `work` with it, and return the result."""
        from sse_digest.app import open_app  # noqa: PLC0415 # as above

        with open_app(self.settings(), utc_now) as app:
            return work(app)

    def run_async(self, work: Callable[["App"], Awaitable[T]], *, is_busy: bool = False) -> T:
        """Run work that waits for the network on an event loop; otherwise like `run`.

        Args:
            work: what to do.
            is_busy: whether the event loop is the bottleneck. It is then `busy_loop`'s, and the garbage
                collector ignores everything loaded so far.
        """

        async def on_loop(app: "App") -> T:
            if is_busy:
                gc.collect()
                gc.freeze()  # spares the garbage collector from scanning it every few messages
                # The threads that write and sign need the interpreter lock often and briefly.
                sys.setswitchinterval(SWITCH_S)
            return await work(app)

        with asyncio.Runner(loop_factory=busy_loop() if is_busy else None) as runner:
            return self.run(lambda app: runner.run(on_loop(app)))


def busy_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return uvloop's loop factory, or None for Python's own loop if uvloop is not installed."""
    try:
        import uvloop  # noqa: PLC0415 # the extra `speed`
    except ImportError:
        return None
    return uvloop.new_event_loop


pass_context = click.make_pass_decorator(Context, ensure=True)
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")
digest_option = click.option(
    "--digest", "digest_name", metavar="NAME", help="The digest, if there are several."
)
period_argument = click.argument("period", type=PeriodType(), required=False)


def utc_now() -> datetime:
    """Return the current time; the only place where the program reads the clock."""
    return datetime.now(UTC)


def end(*, attention: bool) -> None:
    """Exit with code 1 if something needs attention."""
    if attention:
        sys.exit(ATTENTION)


def refuse_without_terminal(instead: str) -> None:
    """Refuse to ask a question if standard input is not a terminal.

    Args:
        instead: the option to use instead ("--yes to send without a question").

    Raises:
        UsageError: standard input is not a terminal.
    """
    if not sys.stdin.isatty():
        raise UsageError(f"Standard input is not a terminal, so nothing can be asked. Use {instead}.")


def user_name() -> str:
    """Return the name of the user who is logged in."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container may have no name for its user
        return "somebody"


def configure_logs(*, verbose: bool) -> None:
    """Write errors to standard error, or with --verbose all events; events contain no address."""
    level = logging.DEBUG if verbose else logging.ERROR
    *processors, _ = structlog.get_config()["processors"]
    # Plain tracebacks: those of rich, structlog's default, show the values of variables.
    plain = structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
    )
    structlog.configure(
        processors=[*processors, _escape, plain],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def _escape(logger: object, name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Escape control characters in the values of an event."""
    del logger, name
    return {key: visible(value) if isinstance(value, str) else value for key, value in event.items()}


def explain(error: SseDigestError) -> int:
    """Print what is wrong; return the exit code."""
    say(f"Error: {error}" if error.exit_code else str(error), err=True)
    if isinstance(error, SettingsError):
        for problem in error.problems:
            say(f"  - {problem}", err=True)
    return error.exit_code


_OF_THE_NAME = {errno.ENAMETOOLONG, errno.ENOENT, errno.EISDIR, errno.ENOTDIR, errno.EACCES, errno.ELOOP}


def explain_system(error: OSError) -> int:
    """Print what the system refused; return the exit code."""
    name = f": {shorten(str(error.filename), _LONGEST_NAME)}" if error.filename is not None else ""
    say(f"Error: {error.strerror or error}{name}", err=True)
    return WRONG_USE if name and error.errno in _OF_THE_NAME else ATTENTION


def explain_bug(error: Exception) -> int:
    """Print an error that nobody foresaw, and where it was raised; return the exit code."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    say(
        f"Error: sse-digest failed with {type(error).__name__} in {Path(place.filename).name}, line"
        f" {place.lineno}: {shorten(str(error), _LONGEST_NAME)}\n"
        "This should not happen. Please report it with what `sse-digest --verbose` says.",
        err=True,
    )
    return ATTENTION

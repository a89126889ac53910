"""Standard input, output and error as the verbs need them: open, and able to write every character."""

import codecs
import contextlib
import os
import sys
from pathlib import Path
from typing import TextIO

_HANDLER = "sse-digest-escapes"


def prepare_streams() -> None:
    """Open the standard streams that are closed, and escape what a stream's encoding lacks.

    Otherwise the database could get the number of a closed stream, and what is written there. An escape has
    the form of JSON, so that reports with --json stay valid.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            mode = "r" if name == "stdin" else "w"
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115 # stays open
    codecs.register_error(_HANDLER, _escaped)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=_HANDLER)


def flush_streams() -> None:
    """Write out what standard output still holds.

    Raises:
        OSError: standard output cannot be written.
    """
    try:
        sys.stdout.flush()
    except OSError:
        give_up(sys.stdout)
        raise


def give_up(stream: TextIO) -> None:
    """Close a stream that cannot be written, so that the interpreter does not try once more when it ends."""
    with contextlib.suppress(OSError, ValueError):
        stream.close()


def _escaped(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    units = error.object[error.start : error.end].encode("utf-16-be", "surrogatepass")
    pairs = (units[place : place + 2].hex() for place in range(0, len(units), 2))
    return "".join(f"\\u{pair}" for pair in pairs), error.end

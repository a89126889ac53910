"""`python -m sse_digest` is `sse-digest`, and both begin here.

Nothing slow is imported before Ctrl-C has an answer: most of a short command's time is spent on imports.
"""

import os
import signal


def run() -> None:
    """Run the command line."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # else the caller ignores Ctrl-C
        signal.signal(signal.SIGINT, _stop)
    from sse_digest.cli import main  # noqa: PLC0415 # see above

    main()


def _stop(*_: object) -> None:
    os.write(2, b"Stopped.\n")
    os._exit(1)  # nothing was begun


if __name__ == "__main__":
    run()

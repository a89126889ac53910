"""Every error the program raises on purpose: one root, one branch per room.

The message says what is wrong, where, and what to do next; `cli` prints it without a traceback.
`exit_code` is 2 for wrong use or configuration and 1 for work that needs attention.
"""


class SseDigestError(Exception):
    """Root of all errors raised on purpose."""

    exit_code = 1


class SettingsError(SseDigestError):
    """The configuration is missing, unreadable or wrong; `problems` holds every finding."""

    exit_code = 2

    def __init__(self, message: str, problems: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.problems = problems


class UsageError(SseDigestError):
    """The command was used in a way that cannot work as asked."""

    exit_code = 2


class OutputError(SseDigestError):
    """A report could not be printed; what it reports was done."""


class SourceError(SseDigestError):
    """A source could not be read; nothing of it was stored."""


class UnknownHostError(SourceError):
    """A host has no address: its name does not exist."""


class FeedError(SseDigestError):
    """The feeds could not be made or swapped; the last generation still stands."""


class DigestError(SseDigestError):
    """An issue or edition could not be composed."""


class QuietMonthError(DigestError):
    """A month has nothing to print: there is no issue, and nothing is wrong."""

    exit_code = 0


class AudienceError(SseDigestError):
    """What was asked about subscribers cannot be done: a file, an address or a choice is wrong."""

    exit_code = 2


class DeliveryError(SseDigestError):
    """Sending cannot start or go on."""


class StoreError(SseDigestError):
    """The database cannot be opened, migrated or written."""


class StoreBusyError(StoreError):
    """Another process kept the database locked for longer than anybody waits."""


class TokenError(SseDigestError):
    """A signed link is malformed or its signature does not match."""

"""Define the input of one `send`: which issue, by which sender and with which options. Values only."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sse_digest.delivery.issue_mail import IssueMail
from sse_digest.delivery.options import SendOptions
from sse_digest.delivery.progress import Progress
from sse_digest.delivery.relays.relay_state import RelayState
from sse_digest.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderName:
    """The name of a sender: a random id, and the host and process id by which people can find it."""

    id: str
    host: str
    pid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SendJob:
    """The input of one `send`."""

    store: Store
    routes: Sequence[RelayState]  # the relays in order of preference
    mail: IssueMail
    issue: tuple[str, str]  # digest and period; its recipients are fixed
    sender: SenderName
    secret_keys: Sequence[bytes]  # for suppressions, newest first
    options: SendOptions
    clock: Callable[[], datetime]
    stop: asyncio.Event  # set when the program is asked to stop
    on_progress: Callable[[Progress], None] = lambda _progress: None

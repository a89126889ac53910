"""The input of one `send`: which issue, by which sender and with which options. A value."""

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
    """Who sends: a random id, and where people find the process."""

    id: str
    host: str
    pid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SendJob:
    """The input of one `send`."""

    store: Store
    routes: Sequence[RelayState]  # the relays, in the order in which they are preferred
    mail: IssueMail
    issue: tuple[str, str]  # digest and period, its recipients fixed
    sender: SenderName
    secret_keys: Sequence[bytes]  # of suppressions
    options: SendOptions
    clock: Callable[[], datetime]
    stop: asyncio.Event  # set when the program is asked to stop
    on_progress: Callable[[Progress], None] = lambda _progress: None

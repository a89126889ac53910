"""One delivery in hand, with all that is to be submitted. Values only."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sse_digest.delivery.smtp.envelope import Envelope, MessageContent
from sse_digest.store.sending.deliveries import ClaimedDelivery


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Whom a delivery goes to, looked up at the moment of submission."""

    address: str
    name: str | None


class MessageRequest(NamedTuple):
    """A message that is to be written."""

    row: ClaimedDelivery
    recipient: Recipient
    date: datetime  # of the first attempt


@dataclass(slots=True, kw_only=True, eq=False)
class Job:
    """A claimed delivery that is ready for the relay."""

    row: ClaimedDelivery
    recipient: Recipient
    date: datetime  # of the first attempt: the Date: header of every attempt
    envelope: Envelope
    content: MessageContent
    relay: str = ""  # the name of the one that is asked to take it; empty: none was yet
    is_again: bool = False  # a session ended without a word before; a second time is an outcome

    @property
    def mail(self) -> tuple[Envelope, MessageContent]:
        """What is handed to the relay."""
        return self.envelope, self.content

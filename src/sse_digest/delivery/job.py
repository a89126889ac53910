"""Define a claimed delivery and everything needed to submit it. Values only."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sse_digest.delivery.smtp.envelope import Envelope, MessageContent
from sse_digest.store.sending.deliveries import ClaimedDelivery


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """The recipient of a delivery, looked up at the moment of submission."""

    address: str
    name: str | None
    number: int = 0  # random; tokens contain it


class MessageRequest(NamedTuple):
    """A request to write one message."""

    row: ClaimedDelivery
    recipient: Recipient
    date: datetime  # of the mail


@dataclass(slots=True, kw_only=True, eq=False)
class Job:
    """A claimed delivery that is ready for the relay."""

    row: ClaimedDelivery
    recipient: Recipient
    date: datetime  # the Date header of every attempt since a relay may have the content
    envelope: Envelope
    content: MessageContent
    relay: str = ""  # name of the relay it is offered to; empty if none yet
    is_again: bool = False  # whether a session ended before it was answered; a second time is an outcome

    @property
    def mail(self) -> tuple[Envelope, MessageContent]:
        """The envelope and content that go to the relay."""
        return self.envelope, self.content

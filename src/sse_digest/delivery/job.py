"""One delivery in hand, with all that is to be submitted; and whom to ask for people and contents.

Values and one protocol; nothing here talks to a relay or a database.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from sse_digest.delivery.smtp.envelope import Envelope, MessageContent
from sse_digest.errors import SseDigestError
from sse_digest.model.deliveries import Skip
from sse_digest.store import Connection
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


class MailSource(Protocol):
    """What the run needs to know about people and contents."""

    @property
    def is_immediate(self) -> bool:
        """Whether contents are written at once where they are asked for; False: other threads sign them."""
        ...

    def recipients(
        self, connection: Connection, rows: Sequence[ClaimedDelivery]
    ) -> Mapping[int, Recipient | Skip]:
        """Look people up, by the ids of their deliveries; a Skip says why nothing may be sent to them."""
        ...

    async def contents(self, wanted: Sequence[MessageRequest]) -> Sequence[Sequence[bytes] | SseDigestError]:
        """Write messages in pieces, in the order of `wanted`: CRLF line ends, no dot-stuffing.

        Long pieces come again as they are. An error says why one cannot be written.
        """
        ...

    def sender(self, row: ClaimedDelivery) -> str:
        """Return the envelope sender."""
        ...

    def dead(self, connection: Connection, row: ClaimedDelivery, recipient: Recipient, why: str) -> None:
        """Note that the address does not exist."""
        ...


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

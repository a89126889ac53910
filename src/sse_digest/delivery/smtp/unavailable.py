"""Define the error that no session with a relay can be opened."""

from sse_digest.delivery.smtp.replies import SmtpReply
from sse_digest.errors import DeliveryError
from sse_digest.model.deliveries import Phase


class RelayUnavailableError(DeliveryError):
    """No session could be opened.

    Attributes:
        phase: where it failed.
        refused: whether the relay refused us for a reason that does not pass by waiting.
        reply: the relay's reply, or None if there was none.
    """

    def __init__(self, message: str, *, phase: Phase, refused: bool, reply: SmtpReply | None = None) -> None:
        super().__init__(message)
        self.phase = phase
        self.refused = refused
        self.reply = reply

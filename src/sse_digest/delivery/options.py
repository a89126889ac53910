"""What sending is told; assembled from the settings."""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from sse_digest.model.deliveries import DoubtPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a relay takes, as its operator says; None: no such limit."""

    per_second: float | None = None
    per_hour: int | None = None
    per_day: int | None = None
    connections: int = 4

    @property
    def counts(self) -> bool:
        """Whether messages must be counted over a time longer than a run."""
        return self.per_hour is not None or self.per_day is not None


NO_LIMITS = Limits()


class Security(StrEnum):
    """How the connection to the relay is protected."""

    STARTTLS = "starttls"  # RFC 3207; refused if the relay does not offer it
    TLS = "tls"  # implicit TLS, RFC 8314
    NONE = "none"


class Pipelining(StrEnum):
    """How much is written before the relay has answered (RFC 2920)."""

    FULL = "full"  # several contents in flight, where the relay offers CHUNKING; elsewhere as "safe"
    SAFE = "safe"  # an envelope at once, behind the content before it; a content only after its own RCPT
    OFF = "off"  # one command at a time


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Seconds to wait for each answer (RFC 5321 section 4.5.3.2)."""

    connect_s: float = 30
    command_s: float = 300  # greeting, EHLO, STARTTLS, AUTH, MAIL, RCPT
    data_s: float = 120
    content_s: float = 600  # after the final dot: ten minutes of patience
    reset_s: float = 30
    quit_s: float = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayOptions:
    """The relay that takes our submissions."""

    host: str
    port: int
    security: Security
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    helo_name: str | None = None  # None: this machine's name
    verify_certificate: bool = True
    pipelining: Pipelining = Pipelining.SAFE
    depth: int = 16  # contents in flight on one connection at most, with Pipelining.FULL
    timeouts: Timeouts = Timeouts()
    limits: Limits = NO_LIMITS

    @property
    def name(self) -> str:
        """Host and port, for people and for the ledger."""
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SendOptions:
    """How deliveries are worked off."""

    envelope_from: str  # MAIL FROM; may contain {token} (VERP)
    connections: int = 4
    depth: int = 1  # contents in flight on one connection at most
    in_doubt: DoubtPolicy = DoubtPolicy.RESEND
    retry_delays: tuple[timedelta, ...] = (
        timedelta(minutes=5),
        timedelta(minutes=15),
        timedelta(minutes=30),
        timedelta(hours=1),
        timedelta(hours=2),
        timedelta(hours=4),
    )
    give_up_after: timedelta = timedelta(days=4)  # since a delivery's first attempt
    ours_limit_count: int = 20
    ours_limit_share: float = 0.02
    drain_timeout: timedelta = timedelta(seconds=60)
    reconnect_delay: timedelta = timedelta(seconds=5)  # of a relay that is away; doubles up to five minutes

    @property
    def in_doubt_limit(self) -> int:
        """K: a killed sender leaves at most so many deliveries in doubt."""
        return self.connections * self.depth

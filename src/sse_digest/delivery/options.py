"""Options of sending, built from the settings."""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from sse_digest.model.deliveries import DoubtPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits a relay's operator has set; None means no limit."""

    max_per_second: float | None = None
    max_per_hour: int | None = None
    max_per_day: int | None = None
    connections: int

    @property
    def counts(self) -> bool:
        """Whether messages must be counted over a time longer than a run."""
        return self.max_per_hour is not None or self.max_per_day is not None


class Security(StrEnum):
    """How the connection to the relay is protected."""

    STARTTLS = "starttls"  # RFC 3207; refused if the relay does not offer it
    TLS = "tls"  # implicit TLS, RFC 8314
    NONE = "none"


class Pipelining(StrEnum):
    """How much is written before the relay replies (RFC 2920)."""

    FULL = "full"  # several contents in flight, where the relay offers CHUNKING; elsewhere as "safe"
    SAFE = "safe"  # an envelope at once, behind the content before it; a content only after its own RCPT
    OFF = "off"  # one command at a time


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Seconds to wait for each reply (RFC 5321 section 4.5.3.2)."""

    connect_s: float
    command_s: float  # greeting, EHLO, STARTTLS, AUTH, MAIL, RCPT
    data_s: float
    content_s: float  # after the final dot
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
    helo: str | None = None  # None: this machine's name
    verify_certificate: bool
    pipelining: Pipelining
    depth: int  # contents in flight on one connection at most, with Pipelining.FULL
    timeouts: Timeouts
    limits: Limits

    @property
    def name(self) -> str:
        """Host and port, for people and for the ledger."""
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SendOptions:
    """How deliveries are made."""

    envelope_from: str  # MAIL FROM; may contain {token} (VERP)
    connections: int
    depth: int  # contents in flight on one connection at most
    in_doubt: DoubtPolicy
    retry_delays: tuple[timedelta, ...]
    give_up_after: timedelta  # since a delivery's first attempt
    ours_limit_count: int
    ours_limit_share: float
    drain_timeout: timedelta
    reconnect_delay: timedelta  # of a relay that is away; doubles up to five minutes

    @property
    def in_doubt_limit(self) -> int:
        """K: the most deliveries that a killed sender leaves in doubt."""
        return self.connections * self.depth

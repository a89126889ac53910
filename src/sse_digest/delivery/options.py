"""Define the options of sending, which are built from the settings."""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from pathlib import Path

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
        """Whether messages must be counted for longer than one run."""
        return self.max_per_hour is not None or self.max_per_day is not None


class Security(StrEnum):
    """How the connection to the relay is protected."""

    STARTTLS = "starttls"  # RFC 3207; an error if the relay does not offer it
    TLS = "tls"  # implicit TLS, RFC 8314
    NONE = "none"


class Pipelining(StrEnum):
    """How much is written before the relay replies (RFC 2920)."""

    FULL = "full"  # several contents in flight if the relay offers CHUNKING; otherwise the same as SAFE
    SAFE = "safe"  # an envelope in one write, right after the previous content; content only after its RCPT
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
    """How to reach and use one relay."""

    host: str
    port: int
    security: Security
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    helo: str | None = None  # None: this machine's name
    verify_certificate: bool
    ca_file: Path | None = None  # None: the authorities that this system trusts
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
    """How an issue is sent."""

    envelope_from: str  # MAIL FROM; may contain {token} (VERP)
    connections: int
    depth: int  # contents in flight on one connection at most
    in_doubt: DoubtPolicy
    retry_delays: tuple[timedelta, ...]
    give_up_after: timedelta  # measured from a delivery's first attempt
    ours_limit_count: int
    ours_limit_share: float
    drain_timeout: timedelta
    reconnect_delay: timedelta  # after the first failure of a relay; doubles up to five minutes

    @property
    def in_doubt_limit(self) -> int:
        """K: the largest number of deliveries that one killed sender can leave in doubt."""
        return self.connections * self.depth

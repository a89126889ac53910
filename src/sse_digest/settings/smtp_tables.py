"""The settings of relays and of sending."""

from pathlib import Path

from pydantic import Field, SecretStr

from sse_digest.delivery.options import Pipelining, Security
from sse_digest.model.deliveries import DoubtPolicy
from sse_digest.settings.base_model import SettingsTable
from sse_digest.settings.types import Count, EnvelopeFrom, HostName, Hours, Line, Minutes, Seconds


class TimeoutsTable(SettingsTable):
    """Times to wait for the relay's replies. The defaults are those of RFC 5321 section 4.5.3.2."""

    connect_s: Seconds = Field(default=30, description="Seconds to wait for the connection.")
    command_s: Seconds = Field(
        default=300, description="Seconds to wait for the greeting and for the reply to a command."
    )
    data_s: Seconds = Field(default=120, description="Seconds to wait for the reply to DATA.")
    content_s: Seconds = Field(
        default=600,
        description="Seconds to wait for the reply to the content. Less time means more deliveries in doubt.",
    )


class RelayTable(SettingsTable):
    """A further relay, used while earlier ones are unreachable or paused, with the same timeouts."""

    host: HostName = Field(description="Name or IP address of the relay.", examples=["smtp.example.org"])
    port: int | None = Field(
        default=None,
        ge=1,
        le=65_535,
        description="TCP port. Default: 587 for starttls, 465 for tls, 25 for none.",
        examples=[587],
    )
    security: Security = Field(
        default=Security.STARTTLS,
        description=(
            '"starttls": connect unencrypted, then require TLS; "tls": TLS from the first byte;'
            ' "none": no encryption, for a relay on this machine.'
        ),
    )
    username: Line | None = Field(
        default=None,
        description="User name at the relay. Without it, no login is attempted.",
        examples=["news"],
    )
    password: SecretStr | None = Field(
        default=None,
        description=(
            "Password at the relay. Prefer password_file, or SSE_DIGEST__SMTP__PASSWORD in the environment."
        ),
        examples=["..."],
    )
    password_file: Path | None = Field(
        default=None,
        description=(
            "A file whose first line is the password, readable only by the user who runs this program."
        ),
        examples=["smtp-password"],
    )
    helo: HostName | None = Field(
        default=None,
        description="Name in the greeting to the relay (EHLO). Default: this machine's full name.",
        examples=["news.example.org"],
    )
    verify_certificate: bool = Field(
        default=True, description="Whether the relay's certificate must be valid for its name."
    )
    ca_file: Path | None = Field(
        default=None,
        description=(
            "PEM file with the authorities that may have signed the relay's certificate."
            " Default: those that this system trusts."
        ),
        examples=["relay-ca.pem"],
    )
    connections: int = Field(
        default=4,
        ge=1,
        le=100,
        description=(
            "Number of connections. A crash leaves at most this many deliveries in doubt;"
            ' with pipelining = "full", this many times `depth`.'
        ),
    )
    pipelining: Pipelining = Field(
        default=Pipelining.SAFE,
        description=(
            '"safe": one round trip a message if the relay offers PIPELINING, and no content before'
            ' its own recipient is accepted; "full": several contents in flight at once if it also offers'
            ' CHUNKING, for a distant relay known to support it; "off": one command at a time.'
        ),
    )
    depth: int = Field(
        default=16,
        ge=1,
        le=256,
        description=(
            'Contents in flight at once on one connection with pipelining = "full".'
            " A crash leaves at most connections x depth deliveries in doubt."
        ),
    )
    max_per_second: float | None = Field(
        default=None,
        gt=0,
        description="Maximum number of messages a second, by each sending process. Default: no limit.",
        examples=[10],
    )
    max_per_hour: Count | None = Field(
        default=None,
        description="Maximum number of messages begun in any hour, across restarts. Default: no limit.",
        examples=[500],
    )
    max_per_day: Count | None = Field(
        default=None,
        description="Maximum number of messages begun in any 24 hours, across restarts. Default: no limit.",
        examples=[2000],
    )


def port_of(relay: RelayTable) -> int:
    """Return the port of a relay, or the usual one if it is not set."""
    return relay.port or _PORTS[relay.security]


_PORTS = {Security.STARTTLS: 587, Security.TLS: 465, Security.NONE: 25}


class SmtpTable(RelayTable):
    """The relay: the SMTP server that mails are submitted to. Only `send` needs it."""

    envelope_from: EnvelopeFrom = Field(
        description=(
            "Address for bounces (MAIL FROM). With {token} in it, every delivery has its own address (VERP);"
            " your mail server must accept addresses with a + sign."
        ),
        examples=["bounces@example.org"],
    )
    timeouts: TimeoutsTable = Field(default_factory=TimeoutsTable)
    fallbacks: tuple[RelayTable, ...] = ()


class SendTable(SettingsTable):
    """How deliveries are processed."""

    in_doubt: DoubtPolicy = Field(
        default=DoubtPolicy.RESEND,
        description=(
            'What to do, once, if the relay did not reply to a content: "resend" (nobody misses an issue) or'
            ' "hold" (nobody gets one twice; `sse-digest resolve` lists them).'
        ),
    )
    retry_delays_minutes: tuple[Minutes, ...] = Field(
        default=(5, 15, 30, 60, 120, 240),
        min_length=1,
        description="Minutes to wait after the first, second, ... refusal; the last value repeats.",
    )
    give_up_after_hours: Hours = Field(
        default=96,
        description=(
            "Hours after the first attempt until a delivery expires."
            " Deliveries refused for a fault of ours wait until it is corrected."
        ),
    )
    ours_limit_count: Count = Field(
        default=20, description="A send pauses with an alarm after this many refusals for a fault of ours ..."
    )
    ours_limit_share: float = Field(
        default=0.02,
        gt=0,
        le=1,
        description="... if they are also at least this share of the deliveries tried (0.02 is 2 %).",
    )
    drain_timeout_s: Seconds = Field(
        default=60, description="Seconds to wait for outstanding replies when the program is stopped."
    )
    reconnect_delay_s: Seconds = Field(
        default=5,
        description=(
            "Seconds until an unreachable relay is tried again, doubled each time up to five minutes."
        ),
    )

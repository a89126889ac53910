"""Settings of the relay and of how deliveries are worked off: names, types, defaults, units."""

from pathlib import Path

from pydantic import Field, SecretStr

from sse_digest.delivery.options import Pipelining, Security
from sse_digest.model.deliveries import DoubtPolicy
from sse_digest.settings.base_model import SettingsTable
from sse_digest.settings.types import Count, EnvelopeFrom, HostName, Hours, Line, Minutes, Seconds


class TimeoutsTable(SettingsTable):
    """How long to wait for the relay's answers. The defaults are those of RFC 5321 section 4.5.3.2."""

    connect_s: Seconds = Field(default=30, description="Seconds to wait for the connection.")
    command_s: Seconds = Field(
        default=300, description="Seconds to wait for the answer to a command; also for the greeting."
    )
    data_s: Seconds = Field(default=120, description="Seconds to wait for the answer to DATA.")
    content_s: Seconds = Field(
        default=600,
        description="Seconds to wait for the answer to the content. Less means more deliveries in doubt.",
    )


class RelayTable(SettingsTable):
    """One more relay, used while those before it are away or rest. It has the timeouts of [smtp]."""

    host: HostName = Field(description="Name or IP address of the relay.", examples=["smtp.example.org"])
    port: int | None = Field(
        default=None,
        ge=1,
        le=65_535,
        description="TCP port. Without it 587 for starttls, 465 for tls, 25 for none.",
        examples=[587],
    )
    security: Security = Field(
        default=Security.STARTTLS,
        description=(
            '"starttls": begin in the clear and insist on TLS; "tls": TLS from the first byte;'
            ' "none": no encryption, for a relay on this machine.'
        ),
    )
    username: Line | None = Field(
        default=None, description="User name at the relay. Without it there is no AUTH.", examples=["news"]
    )
    password: SecretStr | None = Field(
        default=None,
        description=(
            "Password at the relay. Better kept in password_file, or in the environment as"
            " SSE_DIGEST__SMTP__PASSWORD."
        ),
        examples=["..."],
    )
    password_file: Path | None = Field(
        default=None,
        description="File whose first line is the password, readable for this program's user only.",
        examples=["smtp-password"],
    )
    helo: HostName | None = Field(
        default=None,
        description="Name to greet the relay with (EHLO). Without it the full name of this machine.",
        examples=["news.example.org"],
    )
    verify_certificate: bool = Field(
        default=True, description="Whether the relay's certificate must be valid for its name."
    )
    connections: int = Field(
        default=4,
        ge=1,
        le=100,
        description=(
            "Connections used at once. A crash leaves at most as many deliveries in doubt;"
            ' with pipelining = "full" as many times `depth`.'
        ),
    )
    pipelining: Pipelining = Field(
        default=Pipelining.SAFE,
        description=(
            '"safe": one round trip for a message where the relay offers PIPELINING, and a content only after'
            ' its own recipient was accepted; "full": several contents under way at once where it also offers'
            ' CHUNKING, for a distant relay that was seen to take it; "off": one command at a time.'
        ),
    )
    depth: int = Field(
        default=16,
        ge=1,
        le=256,
        description=(
            'Contents under way at once on one connection with pipelining = "full".'
            " A crash leaves at most connections x depth deliveries in doubt."
        ),
    )
    max_per_second: float | None = Field(
        default=None,
        gt=0,
        description="Messages begun in a second at most, by each process that sends. Without it any number.",
        examples=[10],
    )
    max_per_hour: Count | None = Field(
        default=None,
        description="Messages begun within any hour at most, across restarts. Without it any number.",
        examples=[500],
    )
    max_per_day: Count | None = Field(
        default=None,
        description="Messages begun within any 24 hours at most, across restarts. Without it any number.",
        examples=[2000],
    )


def port_of(relay: RelayTable) -> int:
    """Return the port of a relay, the usual one where none is set."""
    return relay.port or _PORTS[relay.security]


_PORTS = {Security.STARTTLS: 587, Security.TLS: 465, Security.NONE: 25}


class SmtpTable(RelayTable):
    """The relay: the SMTP server that takes our mails. Needed by `send` only."""

    envelope_from: EnvelopeFrom = Field(
        description=(
            "Address that bounces go to (MAIL FROM). With {token} in it every delivery has its own (VERP),"
            " if your mail server takes what comes after the + sign."
        ),
        examples=["bounces@example.org"],
    )
    timeouts: TimeoutsTable = Field(default_factory=TimeoutsTable)
    fallbacks: tuple[RelayTable, ...] = ()


class SendTable(SettingsTable):
    """How deliveries are worked off."""

    in_doubt: DoubtPolicy = Field(
        default=DoubtPolicy.RESEND,
        description=(
            'What to do once where the relay\'s answer was never seen: "resend" (nobody misses an issue) or'
            ' "hold" (nobody sees one twice; `sse-digest resolve` lists them).'
        ),
    )
    retry_delays_minutes: tuple[Minutes, ...] = Field(
        default=(5, 15, 30, 60, 120, 240),
        min_length=1,
        description="Minutes to wait after the first, second, ... refusal; the last repeats.",
    )
    give_up_after_hours: Hours = Field(
        default=96,
        description=(
            "Hours after a delivery's first attempt from which a refusal for now is the last."
            " Not for a fault of ours: such deliveries wait until it is cured."
        ),
    )
    ours_limit_count: Count = Field(
        default=20, description="Refusals for a fault of ours after which a send pauses with an alarm ..."
    )
    ours_limit_share: float = Field(
        default=0.02,
        gt=0,
        le=1,
        description="... if they also are this share of the deliveries tried (0.02: 2 %).",
    )
    drain_timeout_s: Seconds = Field(
        default=60, description="Seconds to wait for answers that are due when the program is told to stop."
    )
    reconnect_delay_s: Seconds = Field(
        default=5,
        description="Seconds until an unreachable relay is tried again; doubles up to five minutes.",
    )

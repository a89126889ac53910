"""Every setting: its name, its type, its default, and a description that says its unit.

Plain models: building one reads no file and no environment; that is for `loading`. The descriptions
become config.example.toml. Paths are as written, relative to the folder of the configuration.
"""

from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from sse_digest.delivery.options import Pipelining, Security
from sse_digest.model.deliveries import DoubtPolicy
from sse_digest.rendering.catalogues import LANGUAGES
from sse_digest.settings.fields import (
    Count,
    EnvelopeFrom,
    FrameLanguage,
    HostName,
    Language,
    Line,
    ListId,
    MailAddress,
    Minutes,
    Month,
    Name,
    Names,
    PublicUrl,
    Seconds,
    Titles,
    WebUrl,
    Zone,
)


class Block(BaseModel):
    """A table of the configuration: unknown keys are errors, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class DatabaseBlock(Block):
    """Where everything is kept that was ever read, composed or sent."""

    url: str = Field(
        default="sqlite:///var/sse-digest.db",
        description="The database: sqlite:/// and the path of a file, whose folder must exist.",
    )


class TimeoutsBlock(Block):
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


class SmtpBlock(Block):
    """The relay: the SMTP server that takes our mails. Needed by `send` only."""

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
        description="Connections used at once. A crash leaves at most as many deliveries in doubt.",
    )
    pipelining: Pipelining = Field(
        default=Pipelining.SAFE,
        description=(
            '"safe": one round trip for a message where the relay offers PIPELINING, and a content only after'
            ' its own recipient was accepted; "off": one command at a time.'
        ),
    )
    envelope_from: EnvelopeFrom = Field(
        description=(
            "Address that bounces go to (MAIL FROM). With {token} in it every delivery has its own (VERP),"
            " if your mail server takes what comes after the + sign."
        ),
        examples=["bounces@example.org"],
    )
    timeouts: TimeoutsBlock = Field(default_factory=TimeoutsBlock)


class SourceBlock(Block):
    """One place that news are read from; write the block again for each."""

    name: Name = Field(description="Short name, kept with the items: never change it.", examples=["ilo"])
    kind: Line = Field(
        description="What reads it: html, feed (Atom, RSS, JSON), text, folder (Markdown) or table (CSV).",
        examples=["html"],
    )
    url: WebUrl | None = Field(
        default=None,
        description="Address of the page. Give either url or path.",
        examples=["https://www.ilo.org/topics/cooperatives"],
    )
    path: Path | None = Field(
        default=None, description="File to read instead of a page.", examples=["news.txt"]
    )
    preset: Line | None = Field(
        default=None,
        description='For kind html, how the page is marked up: "ilo" (since 2024) or "ilo-classic".',
        examples=["ilo"],
    )
    selectors: dict[str, Line] | None = Field(
        default=None,
        description=(
            "For kind html, in place of a preset or parts of it: CSS selectors of item (one piece of news)"
            " and, where looks do not tell them, of list, title, link, date, kicker, summary, credit."
        ),
        examples=[{"item": "li.news", "date": "span.day"}],
    )
    language: Language | None = Field(
        default=None, description="Language of the page where it does not say so itself.", examples=["en"]
    )
    allow_private_hosts: bool = Field(
        default=False, description="Whether the page may be on an address that is not public (an intranet)."
    )
    may_be_empty: bool = Field(
        default=False, description="Whether the list may be quite empty, though it used to hold items."
    )


class FetchBlock(Block):
    """How pages are fetched."""

    contact: Line | None = Field(
        default=None,
        description="Mail or web address that is named to the servers read from. Without it public_url.",
        examples=["webmaster@example.org"],
    )
    timeout_s: Seconds = Field(default=10, description="Seconds a whole page may take.")
    max_bytes: Count = Field(default=5_000_000, description="Bytes a page may have.")
    max_redirects: int = Field(default=5, ge=0, le=20, description="Redirections followed for one page.")


class FeedsBlock(Block):
    """What is published."""

    folder: Path = Field(default=Path("feeds"), description="Folder of the published documents.")
    title: Line | None = Field(
        default=None,
        description="Title of the feed of all items. Without it the organisation.",
        examples=["News"],
    )
    subtitle: Line | None = Field(
        default=None,
        description="One sentence about the feed. Without it the organisation.",
        examples=["News on the social and solidarity economy"],
    )
    language: FrameLanguage = Field(default="en", description="Language of title and subtitle.")
    site_url: WebUrl | None = Field(
        default=None,
        description="The organisation's own page about this. Without it the feed's HTML page.",
        examples=["https://www.example.org/news"],
    )
    rights: Line | None = Field(
        default=None, description="Copyright or licence of the items.", examples=["© Example Organisation"]
    )
    ttl_minutes: int = Field(
        default=60, ge=1, le=10_080, description="Minutes after which a reader may ask for a feed again."
    )
    newest: int = Field(
        default=50,
        ge=1,
        le=1_000,
        description="A feed holds all items not archived yet, and so many of those last updated.",
    )


class DigestBlock(Block):
    """A periodical: one issue a month. Write the block again for each."""

    name: Name = Field(description="Short name, kept with the issues: never change it.", examples=["monthly"])
    title: Titles = Field(
        description='Title, either one for all languages or one for each: { en = "News", fr = "Nouvelles" }.',
        examples=["SSE news"],
    )
    lists: Names = Field(
        min_length=1, description="Names of the [[lists]] that receive it.", examples=[["subscribers"]]
    )
    themes: Names | None = Field(
        default=None,
        min_length=1,
        description="Themes in the order of the sections. Without it every theme, the most specific first.",
        examples=[["cooperatives", "youth", "un-coordination", "other"]],
    )
    zone: Zone = Field(default="UTC", description="Time zone in which a month begins and ends.")
    first_period: Month | None = Field(
        default=None,
        description="First month with an issue; older items are left out. Without it the oldest item's.",
        examples=["2023-04"],
    )
    late_days: int = Field(
        default=92,
        ge=0,
        le=36_500,
        description="Days after an item's day in which it must first be seen to be taken; 0: no limit.",
    )
    languages: tuple[FrameLanguage, ...] = Field(
        default=LANGUAGES, min_length=1, description="Languages of the frame; the items stay in their own."
    )
    default_language: FrameLanguage = Field(
        default="en", description="Language for readers whose own is not among the languages."
    )
    section_limits: dict[Name, Count] | None = Field(
        default=None,
        description="Items that a mail shows of a theme at most; it says how many more there are.",
        examples=[{"other": 20}],
    )
    require_approval: bool = Field(
        default=False, description="Whether an issue is sent only after `sse-digest approve`."
    )


class ListBlock(Block):
    """A mailing list: who receives a digest. Write the block again for each."""

    name: Name = Field(
        description="Short name, part of every unsubscribe link: never change it.", examples=["subscribers"]
    )
    title: Line = Field(description="What people call the list.", examples=["SSE news by e-mail"])
    list_id: ListId = Field(
        description="Identifier of the list (List-Id, RFC 2919), stable for ever; a name under your domain.",
        examples=["subscribers.example.org"],
    )
    from_name: Line | None = Field(
        default=None, description="Name of the sender. Without it the organisation.", examples=["SSE news"]
    )
    from_address: MailAddress = Field(description="Address of the sender.", examples=["news@example.org"])
    reply_to: MailAddress | None = Field(
        default=None,
        description="Address for answers. Without it from_address.",
        examples=["desk@example.org"],
    )
    postal_address: Line = Field(
        description="Postal address of the sender in one line; many laws ask for it.",
        examples=["Example Organisation, 1 Example Street, 1200 Geneva"],
    )


class SendBlock(Block):
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


class DkimBlock(Block):
    """The key that signs every mail (DKIM). Without this block the relay must sign."""

    domain: HostName = Field(description="Domain of the sender's address.", examples=["example.org"])
    selector: HostName = Field(
        description="Name of the key: its record stands at SELECTOR._domainkey.DOMAIN.", examples=["digest"]
    )
    key_file: Path = Field(
        description="File of the private key, readable for this program's user only; see `sse-digest dkim`.",
        examples=["dkim.pem"],
    )


class TemplatesBlock(Block):
    """Your own templates."""

    email: Path | None = Field(
        default=None,
        description="Folder with your own mail templates. Without it those that come with the program.",
        examples=["templates/email"],
    )


class ThemesBlock(Block):
    """Your own rules for themes: in files, or right here in the same tables, as [themes.youth.terms.en]."""

    model_config = ConfigDict(extra="allow")

    files: tuple[Path, ...] = Field(
        default=(),
        description="TOML files that extend the rules that come with the program; a later one goes first.",
        examples=[["themes.toml"]],
    )


class Configuration(Block):
    """All settings as written; `Settings` makes of them what the rooms are told."""

    organisation: Line = Field(
        description="Name of the organisation; stands in feeds, mails and pages.",
        examples=["Example Organisation"],
    )
    public_url: PublicUrl | None = Field(
        default=None,
        description=(
            "The https address at which `sse-digest serve` can be reached, for feeds and unsubscribe links."
            " Without it nothing can be published or sent."
        ),
        examples=["https://news.example.org"],
    )
    secret_keys_file: Path | None = Field(
        default=None,
        description=(
            "File of the secrets that sign links, one a line, the newest first, each 32 random characters or"
            " more. Never delete one: the links it signed would stop working."
        ),
        examples=["secret_keys"],
    )
    secret_keys: tuple[SecretStr, ...] = Field(
        default=(), description="The secrets themselves, if they are not in a file.", examples=[["..."]]
    )
    database: DatabaseBlock = Field(default_factory=DatabaseBlock)
    sources: tuple[SourceBlock, ...] = ()
    fetch: FetchBlock = Field(default_factory=FetchBlock)
    feeds: FeedsBlock = Field(default_factory=FeedsBlock)
    digests: tuple[DigestBlock, ...] = ()
    lists: tuple[ListBlock, ...] = ()
    smtp: SmtpBlock | None = None
    send: SendBlock = Field(default_factory=SendBlock)
    dkim: DkimBlock | None = None
    templates: TemplatesBlock = Field(default_factory=TemplatesBlock)
    themes: ThemesBlock = Field(default_factory=ThemesBlock)


def block_of(annotation: Any) -> type[Block] | None:  # noqa: ANN401 # whatever a field is annotated with
    """Give the block a field holds, be it one, an optional one or a list; None: it holds plain values."""
    if isinstance(annotation, type) and issubclass(annotation, Block):
        return annotation
    return next((found for part in get_args(annotation) if (found := block_of(part)) is not None), None)

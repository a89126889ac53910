"""Every setting: its name, its type, its default, and a description that says its unit.

The tables of the rooms stand in `reading`, `publishing`, `mailing` and `sending`. Plain models:
building one reads no file and no environment; that is for `loading`. The descriptions become
config.example.toml. Paths are as written, relative to the folder of the configuration.
"""

from pathlib import Path

from pydantic import ConfigDict, Field, SecretStr

from sse_digest.settings.block import Block
from sse_digest.settings.fields import Line, PublicUrl
from sse_digest.settings.mailing import DigestBlock, DkimBlock, ListBlock, TemplatesBlock
from sse_digest.settings.publishing import FeedsBlock
from sse_digest.settings.reading import FetchBlock, SourceBlock
from sse_digest.settings.sending import SendBlock, SmtpBlock


class DatabaseBlock(Block):
    """Where everything is kept that was ever read, composed or sent."""

    url: str = Field(
        default="sqlite:///var/sse-digest.db",
        description="The database: sqlite:/// and the path of a file, whose folder must exist.",
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

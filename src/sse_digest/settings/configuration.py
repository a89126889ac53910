"""All settings, with names, types, defaults, and descriptions with units.

Most tables are in `source_tables`, `feed_tables`, `digest_tables` and `smtp_tables`. These are plain models
that read no file and no environment; `loading` does. The descriptions become config.example.toml. Paths are
as written, relative to the folder of the configuration.
"""

from pathlib import Path

from pydantic import ConfigDict, Field, SecretStr

from sse_digest.settings.appearance_table import AppearanceTable
from sse_digest.settings.base_model import SettingsTable
from sse_digest.settings.digest_tables import DigestTable, DkimTable, ListTable, TemplatesTable
from sse_digest.settings.feed_tables import FeedsTable
from sse_digest.settings.smtp_tables import SendTable, SmtpTable
from sse_digest.settings.source_tables import FetchTable, SourceTable
from sse_digest.settings.types import Line, PublicUrl


class DatabaseTable(SettingsTable):
    """The database for everything that is read, composed or sent."""

    url: str = Field(
        default="sqlite:///var/sse-digest.db",
        description="Address of the database: sqlite:/// and the path of a file, whose folder must exist.",
    )


class ThemesTable(SettingsTable):
    """Your own theme rules: in files, or here in the same tables, such as [themes.youth.terms.en]."""

    model_config = ConfigDict(extra="allow")

    files: tuple[Path, ...] = Field(
        default=(),
        description=(
            "TOML files that extend the rules that come with the program; a later file takes precedence."
        ),
        examples=[["themes.toml"]],
    )


class Configuration(SettingsTable):
    """All settings as written; `Settings` makes the rooms' options from them."""

    organisation: Line = Field(
        description="The organisation's name, shown in feeds, mails and pages.",
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
            "File with the secrets that sign links, one a line, the newest first, each at least 32 random"
            " characters. Never delete one: the links it signed would stop working."
        ),
        examples=["secret_keys"],
    )
    secret_keys: tuple[SecretStr, ...] = Field(
        default=(), description="The secrets themselves, if they are not in a file.", examples=[["..."]]
    )
    database: DatabaseTable = Field(default_factory=DatabaseTable)
    sources: tuple[SourceTable, ...] = ()
    fetch: FetchTable = Field(default_factory=FetchTable)
    appearance: AppearanceTable = Field(default_factory=AppearanceTable)
    feeds: FeedsTable = Field(default_factory=FeedsTable)
    digests: tuple[DigestTable, ...] = ()
    lists: tuple[ListTable, ...] = ()
    smtp: SmtpTable | None = None
    send: SendTable = Field(default_factory=SendTable)
    dkim: DkimTable | None = None
    templates: TemplatesTable = Field(default_factory=TemplatesTable)
    themes: ThemesTable = Field(default_factory=ThemesTable)

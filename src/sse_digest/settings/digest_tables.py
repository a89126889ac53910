"""The settings of digests, lists and mails."""

from pathlib import Path

from pydantic import Field

from sse_digest.rendering.translations import LANGUAGES
from sse_digest.settings.base_model import SettingsTable
from sse_digest.settings.types import (
    Count,
    FrameLanguage,
    HostName,
    Line,
    ListId,
    MailAddress,
    Month,
    Name,
    Names,
    Titles,
    Zone,
)


class DigestTable(SettingsTable):
    """A periodical with one issue a month. Repeat the block for each digest."""

    name: Name = Field(
        description="Short name, stored with the issues: never change it.", examples=["monthly"]
    )
    title: Titles = Field(
        description='Title: one for all languages, or one for each: { en = "News", fr = "Nouvelles" }.',
        examples=["SSE news"],
    )
    lists: Names = Field(
        min_length=1,
        description="Names of the [[lists]] that receive the digest.",
        examples=[["subscribers"]],
    )
    themes: Names | None = Field(
        default=None,
        min_length=1,
        description="Themes in the order of the sections. Default: every theme, the most specific first.",
        examples=[["cooperatives", "youth", "un-coordination", "other"]],
    )
    zone: Zone = Field(default="UTC", description="The time zone in which a month begins and ends.")
    first_period: Month | None = Field(
        default=None,
        description=(
            "First month with an issue; older items are left out. Default: the month of the oldest item."
        ),
        examples=["2023-04"],
    )
    late_days: int = Field(
        default=92,
        ge=0,
        le=36_500,
        description=(
            "An item is included only if it was first seen within this many days after its date. 0: no limit."
        ),
    )
    languages: tuple[FrameLanguage, ...] = Field(
        default=LANGUAGES,
        min_length=1,
        description="Languages of headings and footer; items stay in their own language.",
    )
    default_language: FrameLanguage = Field(
        default="en", description="Language for readers whose own language is not among these."
    )
    section_limits: dict[Name, Count] | None = Field(
        default=None,
        description="Maximum number of items of a theme in a mail, which says how many more there are.",
        examples=[{"other": 20}],
    )
    require_approval: bool = Field(
        default=False, description="Whether an issue is sent only after `sse-digest approve`."
    )


class ListTable(SettingsTable):
    """A mailing list: who receives a digest. Repeat the block for each list."""

    name: Name = Field(
        description="Short name, part of every unsubscribe link: never change it.", examples=["subscribers"]
    )
    title: Line = Field(description="Name of the list for people.", examples=["SSE news by e-mail"])
    list_id: ListId = Field(
        description="Identifier of the list (List-Id, RFC 2919), a name under your domain. Never change it.",
        examples=["subscribers.example.org"],
    )
    from_name: Line | None = Field(
        default=None, description="Name of the sender. Default: the organisation.", examples=["SSE news"]
    )
    from_address: MailAddress = Field(description="Address of the sender.", examples=["news@example.org"])
    reply_to: MailAddress | None = Field(
        default=None,
        description="Address for replies. Default: from_address.",
        examples=["desk@example.org"],
    )
    postal_address: Line = Field(
        description="Postal address of the sender in one line; many laws require it.",
        examples=["Example Organisation, 1 Example Street, 1200 Geneva"],
    )


class DkimTable(SettingsTable):
    """The key that signs every mail (DKIM). Without this block, the relay must sign."""

    domain: HostName = Field(description="Domain of the sender's address.", examples=["example.org"])
    selector: HostName = Field(
        description="Name of the key: its DNS record is at SELECTOR._domainkey.DOMAIN.", examples=["digest"]
    )
    key_file: Path = Field(
        description=(
            "File with the private key, readable only by the user of this program; see `sse-digest dkim`."
        ),
        examples=["dkim.pem"],
    )


class TemplatesTable(SettingsTable):
    """Your own templates."""

    email: Path | None = Field(
        default=None,
        description="Folder with your own mail templates. Default: those of the program.",
        examples=["templates/email"],
    )

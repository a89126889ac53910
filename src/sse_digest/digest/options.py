"""The options of messages, made from the settings."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sse_digest.rendering.design import DEFAULT_APPEARANCE, Appearance


@dataclass(frozen=True, slots=True, kw_only=True)
class Letterhead:
    """The sender's data in every mail to one list."""

    from_name: str
    from_address: str
    reply_to: str | None  # None if replies go to From
    list_name: str  # key of the list
    list_title: str  # for people; in List-Id and in the footer
    list_id: str  # such as "news.example.org"; permanent (RFC 2919)
    organisation: str
    postal_address: str  # one line
    public_url: str | None  # https address of this installation, or None if it has no web pages
    archive_pages: Mapping[str, str] = field(default_factory=dict)  # language to the page of all issues
    issue_pages: Mapping[str, str] = field(default_factory=dict)  # language to the page of this issue
    appearance: Appearance = DEFAULT_APPEARANCE

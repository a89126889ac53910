"""What composing a message is told; assembled from the settings."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Letterhead:
    """What every mail to one list says of its sender."""

    from_name: str
    from_address: str
    reply_to: str | None  # None: From is answered
    list_name: str  # key of the list
    list_title: str  # what people call it; is in List-Id and in "why you get this"
    list_id: str  # "news.example.org", stable for ever (RFC 2919)
    organisation: str
    postal_address: str  # one line
    public_url: str | None  # https address of this installation, or None if there are no web pages of ours
    archive_pages: Mapping[str, str] = field(default_factory=dict)  # language to the page of all issues
    issue_pages: Mapping[str, str] = field(default_factory=dict)  # language to this issue's page in it

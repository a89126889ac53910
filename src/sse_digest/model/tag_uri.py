"""Names that outlive every address: `tag:` URIs (RFC 4151).

The authority is a domain name the organisation held in the year; both are stored at the first
publish, so ids stay when the host changes. An item's id has the same form in every format.
"""

import re
from dataclasses import dataclass

_AUTHORITY = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*")
_ITEM = re.compile(r"tag:[a-z0-9.-]{1,253},\d{4}:item/([a-z2-7]{26})")


def item_of(uri: str | None) -> str | None:
    """Return the item id in a `tag:` URI of ours, or None for any other text."""
    match = _ITEM.fullmatch(uri or "")
    return match.group(1) if match else None


@dataclass(frozen=True, slots=True, kw_only=True)
class TagAuthority:
    """Who mints the ids, and since when."""

    authority: str  # a domain name in lower case, as A-labels
    year: int  # four digits; the name was held on its 1 January

    def __post_init__(self) -> None:
        """Refuse what RFC 4151 section 2.1 does not allow.

        Raises:
            ValueError: the authority is not a domain name in lower case, or the year has not four digits.
        """
        if not _AUTHORITY.fullmatch(self.authority):
            raise ValueError(f"{self.authority!r} is not a domain name in lower case")
        if not 1000 <= self.year <= 9999:
            raise ValueError(f"{self.year} is not a year of four digits")

    def uri(self, specific: str) -> str:
        """Name something; `specific` holds only characters that may be in a URI."""
        return f"tag:{self.authority},{self.year}:{specific}"

    def item(self, item_id: str) -> str:
        """Return the one id of an item: in Atom, in RSS and in the mail's anchors."""
        return self.uri(f"item/{item_id}")

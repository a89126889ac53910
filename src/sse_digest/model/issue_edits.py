"""What an editor decided about one issue and its items; rules apply these decisions, none is ever lost.

An item is in at most one issue of a digest, so what is decided about it holds wherever it stands.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

Words = Mapping[str, str]  # language tag to words


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemEdit:
    """What was decided about one item in one digest; the defaults decide nothing."""

    hidden: bool = False  # no issue of this digest prints it
    theme: str | None = None  # the section it is in; None: as the rules say
    pinned: bool = False  # it is at the top of its section
    position: int | None = None  # its place in its section, behind what is pinned; None: by date
    note: Words = field(default_factory=dict)  # the editor's own words below it


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueEdit:
    """What was decided about an issue as a whole."""

    title: Words = field(default_factory=dict)  # in place of the digest's
    introduction: Words = field(default_factory=dict)  # Markdown
    lead: str | None = None  # id of the item shown first; None: chosen by the rule


UNTOUCHED = ItemEdit()
"""An item about which nothing was decided."""


def rank(edit: ItemEdit) -> tuple[bool, bool, int]:
    """Return what a section's items are sorted by: the pinned, then the placed, then all others."""
    return not edit.pinned, edit.position is None, edit.position or 0

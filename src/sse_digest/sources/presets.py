"""What is known about particular publishers: the layouts of their pages by name, and their addresses.

Everything that applies to only one publisher is in this module, as data. It imports no code that reads pages,
so that settings and commands can import it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True)
class LayoutPreset:
    """The hooks of one layout, as CSS selectors. A field is None if its selector is not known for certain."""

    item: str  # the element that holds one item; never one inside another
    container: str  # an element that every page of this layout has, even without items
    title: str
    link: str | None = None  # a separate element with the address; None: a link in or around the title
    kicker: str | None = None
    summary: str | None = None
    date: str | None = None
    credit: str | None = None
    image: str | None = None  # None: the first image in the item
    next: str | None = None  # the link to the list's next page; None: the one with rel=next
    home: str  # the address that relative links refer to in a saved page that does not state one
    mirrors: tuple[str, ...] = ()  # other hosts with the same pages under the same paths
    number: str | None = None  # pattern of the publisher's number in a path, with its digits as group 1


PRESETS: Mapping[str, LayoutPreset] = MappingProxyType(
    {
        "ilo": LayoutPreset(
            item=".ilo--card",
            container=".ilo--card",
            title=".ilo--card--title",
            link="a.ilo--card--link",
            kicker=".ilo--card--eyebrow",
            summary=".ilo--card--intro",
            date="time.ilo--card--date",
            home="https://www.ilo.org/",
            mirrors=("oit.org", "ilo.int"),
        ),
        "ilo-classic": LayoutPreset(
            item=".items-list li",
            container=".items-list",
            title=".item-title",
            home="https://www.ilo.org/",
            number=r"(?<![a-z0-9])wcms_0*([1-9]\d{2,11})(?!\d)",
        ),
    }
)

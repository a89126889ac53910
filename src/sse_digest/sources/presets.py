"""What is known of single publishers: layouts by name, and how their addresses are to be understood.

Everything that holds for one publisher only stands here, as data. It imports nothing that reads a page,
so that settings and commands may use it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True)
class LayoutPreset:
    """The hooks of one layout, as CSS selectors. What is None has no class name that is known for certain."""

    item: str  # the element that holds one item; never one inside another
    container: str  # what every page of this layout has, even without items
    title: str
    link: str | None = (
        None  # an element of its own that carries the address; None: a link in or around the title
    )
    kicker: str | None = None
    summary: str | None = None
    date: str | None = None
    credit: str | None = None
    image: str | None = None  # None: the first picture in the item
    next: str | None = None  # the link to the list's next page; None: the one that says rel=next
    home: str  # what links are relative to in a saved page that does not say so
    mirrors: tuple[str, ...] = ()  # further hosts on which the same pages are under the same paths
    number: str | None = None  # pattern of the publisher's number in a path, its digits as group 1


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

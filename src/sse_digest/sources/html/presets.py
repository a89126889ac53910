"""Layouts that are known by name: settings and commands know them without anything that reads a page."""

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
        ),
        "ilo-classic": LayoutPreset(
            item=".items-list li", container=".items-list", title=".item-title", home="https://www.ilo.org/"
        ),
    }
)

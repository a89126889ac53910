"""Add what feedgen leaves out of RSS and correct what it gets wrong (RSS 2.0).

These are extension classes for feedgen.
"""

from datetime import datetime
from email.utils import format_datetime

from lxml import etree

from sse_digest.feeds.formats.atom import UNKNOWN_LANGUAGE, add_picture, mark_archive, namespaces
from sse_digest.feeds.formats.links import FeedLink
from sse_digest.feeds.model import EntryImage

_ATOM_LINK = "{http://www.w3.org/2005/Atom}link"
_DC = "http://purl.org/dc/elements/1.1/"


class RssChannelPart:
    """Adds the channel's links and its date; feedgen would change the process's locale to write the date."""

    updated: datetime  # UTC; all are set before the document is written
    links: tuple[FeedLink, ...]  # without the link to itself
    archive: bool
    pictures: bool

    def extend_ns(self) -> dict[str, str]:
        """Return Dublin Core, for an item's language and author's name, and the shared namespaces."""
        return {"dc": _DC} | namespaces(archive=self.archive, pictures=self.pictures)

    def extend_rss(self, feed: etree._Element) -> etree._Element:
        """Correct the `rss` element; called before items are added."""
        for link in self.links:
            etree.SubElement(feed[0], _ATOM_LINK, link.attributes())
        mark_archive(feed[0], archive=self.archive)
        _append(feed[0], "lastBuildDate", _rfc2822(self.updated))
        return feed


class RssItemPart:
    """Adds the date, the author, the language and the picture of an item."""

    dated: datetime  # UTC; all four are set before the document is written
    language: str | None
    author: str
    picture: EntryImage | None

    def extend_rss(self, feed: etree._Element) -> etree._Element:
        """Correct one `item` element."""
        _append(feed, "pubDate", _rfc2822(self.dated))
        if self.author:
            _append(feed, f"{{{_DC}}}creator", self.author)
        _append(feed, f"{{{_DC}}}language", self.language or UNKNOWN_LANGUAGE)
        if self.picture:
            if self.picture.type:  # type and length are required; length 0 means unknown
                enclosed = {"url": self.picture.url, "type": self.picture.type, "length": "0"}
                etree.SubElement(feed, "enclosure", enclosed)
            add_picture(feed, self.picture)
        return feed


def _append(parent: etree._Element, name: str, text: str) -> None:
    etree.SubElement(parent, name).text = text


def _rfc2822(moment: datetime) -> str:
    return format_datetime(moment, usegmt=True)

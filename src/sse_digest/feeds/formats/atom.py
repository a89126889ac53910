"""Add what feedgen leaves out of Atom and correct what it gets wrong (RFC 4287).

These are extension classes for feedgen. The Atom elements in feedgen's tree have no namespace.
"""

from lxml import etree

from sse_digest.feeds.model import Entry, EntryImage
from sse_digest.feeds.xml_text import unambiguous

XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
UNKNOWN_LANGUAGE = "und"  # BCP 47: undetermined; an absent xml:lang would claim the feed's language


HISTORY = "http://purl.org/syndication/history/1.0"
MEDIA = "http://search.yahoo.com/mrss/"


class AtomFeedPart:
    """Marks an archive document (RFC 5005 section 4)."""

    archive: bool  # both are set before the document is written
    pictures: bool

    def extend_ns(self) -> dict[str, str]:
        """Return the namespaces of the archive mark and of pictures, if the document has them."""
        return namespaces(archive=self.archive, pictures=self.pictures)

    def extend_atom(self, feed: etree._Element) -> etree._Element:
        """Mark the feed as an archive if it is one; called before entries are added."""
        mark_archive(feed, archive=self.archive)
        return feed


def namespaces(*, archive: bool, pictures: bool) -> dict[str, str]:
    """Return the namespaces that an Atom or RSS document needs for an archive mark and for pictures."""
    return ({"fh": HISTORY} if archive else {}) | ({"media": MEDIA} if pictures else {})


def add_picture(entry: etree._Element, picture: EntryImage) -> None:
    """Add a picture to an entry, with its credit and alternative text (Media RSS 1.5)."""
    kind = {"type": picture.type} if picture.type else {}
    content = etree.SubElement(entry, f"{{{MEDIA}}}content", url=picture.url, medium="image", **kind)
    for name, text in (("description", picture.alt), ("credit", picture.credit)):
        if text:
            etree.SubElement(content, f"{{{MEDIA}}}{name}").text = unambiguous(text)


def mark_archive(feed: etree._Element, *, archive: bool) -> None:
    """Mark a `feed` or `channel` as an archive, which never changes again."""
    if archive:
        etree.SubElement(feed, f"{{{HISTORY}}}archive")


class AtomEntryPart:
    """Sets an entry's language and writes its links, from which feedgen 1.0.0 drops attributes."""

    entry: Entry  # set before the document is written
    feed_language: str

    def extend_ns(self) -> dict[str, str]:
        """Return no further namespaces."""
        return {}

    def extend_atom(self, feed: etree._Element) -> etree._Element:
        """Correct one `entry` element."""
        language = self.entry.language or UNKNOWN_LANGUAGE
        feed.set(XML_LANG, language)
        for bare in feed.findall("link"):
            feed.remove(bare)
        etree.SubElement(feed, "link", rel="alternate", type="text/html", href=self.entry.url)
        if self.entry.picture:
            picture = self.entry.picture
            kind = {"type": picture.type} if picture.type else {}
            etree.SubElement(feed, "link", rel="enclosure", href=picture.url, **kind)
            add_picture(feed, picture)
        for category, known in zip(feed.findall("category"), self.entry.categories, strict=True):
            if known.feed and language != self.feed_language:
                category.set(XML_LANG, self.feed_language)
        return feed

"""What feedgen leaves out of Atom or gets wrong, put right in the tree it makes (RFC 4287).

Classes for feedgen's extension mechanism. feedgen's Atom elements carry no namespace of their own.
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
        """Declare the namespaces of the mark and of pictures, where they stand."""
        return namespaces(archive=self.archive, pictures=self.pictures)

    def extend_atom(self, feed: etree._Element) -> etree._Element:
        """Mark the feed, before entries are added."""
        mark_archive(feed, archive=self.archive)
        return feed


def namespaces(*, archive: bool, pictures: bool) -> dict[str, str]:
    """Return the namespaces that both formats declare where they need them."""
    return ({"fh": HISTORY} if archive else {}) | ({"media": MEDIA} if pictures else {})


def add_picture(entry: etree._Element, picture: EntryImage) -> None:
    """Describe a picture with whose it is and what it shows (Media RSS 1.5)."""
    kind = {"type": picture.type} if picture.type else {}
    content = etree.SubElement(entry, f"{{{MEDIA}}}content", url=picture.url, medium="image", **kind)
    for name, text in (("description", picture.alt), ("credit", picture.credit)):
        if text:
            etree.SubElement(content, f"{{{MEDIA}}}{name}").text = unambiguous(text)


def mark_archive(feed: etree._Element, *, archive: bool) -> None:
    """Say in a `feed` or `channel` that it will not change any more."""
    if archive:
        etree.SubElement(feed, f"{{{HISTORY}}}archive")


class AtomEntryPart:
    """Sets the language of an entry, and the links that feedgen 1.0.0 strips of their attributes."""

    entry: Entry  # set before the document is written
    feed_language: str

    def extend_ns(self) -> dict[str, str]:
        """Declare no further namespace."""
        return {}

    def extend_atom(self, feed: etree._Element) -> etree._Element:
        """Put right one `entry` element."""
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

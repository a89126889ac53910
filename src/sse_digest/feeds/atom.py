"""What feedgen leaves out of Atom or gets wrong, put right in the tree it makes (RFC 4287).

Classes for feedgen's extension mechanism. feedgen's Atom elements carry no namespace of their own.
"""

from lxml import etree

from sse_digest.feeds.feed import Entry

XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
UNKNOWN_LANGUAGE = "und"  # BCP 47: undetermined; an absent xml:lang would claim the feed's language


HISTORY = "http://purl.org/syndication/history/1.0"


class AtomFeedPart:
    """Marks an archive document (RFC 5005 section 4)."""

    archive: bool  # set before the document is written

    def extend_ns(self) -> dict[str, str]:
        """Declare the namespace of the mark, where it stands."""
        return {"fh": HISTORY} if self.archive else {}

    def extend_atom(self, feed: etree._Element) -> etree._Element:
        """Mark the feed, before entries are added."""
        mark_archive(feed, archive=self.archive)
        return feed


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
        for category, known in zip(feed.findall("category"), self.entry.categories, strict=True):
            if known.feed and language != self.feed_language:
                category.set(XML_LANG, self.feed_language)
        return feed

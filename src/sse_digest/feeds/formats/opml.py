"""Write the list of all feeds as OPML 2.0, by theme and language, for import into feed readers."""

from collections.abc import Sequence
from html import escape

from lxml import etree

from sse_digest.errors import FeedError
from sse_digest.feeds.formats.links import kind_of
from sse_digest.feeds.model import FeedDocument
from sse_digest.feeds.names import OUTLINE
from sse_digest.feeds.xml_text import clean


def outline(feeds: Sequence[FeedDocument]) -> bytes:
    """Write the list of all feeds, in UTF-8; the feed of all items comes first.

    Each theme is one outline that contains its feed in all languages and one feed for each language.
    There is no date in it, so the same feeds yield the same bytes.
    """
    root = etree.Element("opml", version="2.0")
    head, body = etree.SubElement(root, "head"), etree.SubElement(root, "body")
    etree.SubElement(head, "title").text = clean(feeds[0].title)
    for theme in dict.fromkeys(feed.key.theme for feed in feeds):
        members = [feed for feed in feeds if feed.key.theme == theme]
        shelf = etree.SubElement(body, "outline", text=clean(members[0].label or members[0].title))
        for feed in members:
            _add(shelf, feed)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def _add(shelf: etree._Element, feed: FeedDocument) -> None:
    """Add one feed; `type` is "rss" for every format, and `version` is optional (OPML 2.0, subscriptions)."""
    line = etree.SubElement(shelf, "outline", type="rss", text=clean(feed.title), title=clean(feed.title))
    line.set("xmlUrl", feed.urls["atom"])
    line.set("htmlUrl", feed.urls["html"])
    if feed.subtitle:
        line.set("description", clean(feed.subtitle))
    if feed.key.language:
        line.set("language", feed.key.language)


def autodiscovery(document: bytes) -> tuple[str, ...]:
    """Return the `<link>` elements that announce our feeds on the organisation's pages.

    Args:
        document: the published list of feeds, as `outline` writes it.

    Raises:
        FeedError: it cannot be parsed.
    """
    try:
        root = etree.fromstring(document, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as error:
        raise FeedError(f"{OUTLINE} is damaged ({error}). Publish again.") from error
    return tuple(
        f'<link rel="alternate" type="{kind_of("atom")}" title="{escape(line.get("title", ""))}"'
        f' href="{escape(line.get("xmlUrl", ""))}">'
        for line in root.iterfind("body/outline/outline")
    )

"""Write a feed as Atom 1.0 (RFC 4287) and RSS 2.0; the only module that uses feedgen.

feedgen 1.0.0 has known defects. Those that could reach a reader are worked around here or in its two
extensions, `atom` and `rss`, and each has a test. Any text yields a well-formed document.
"""

import html
from datetime import UTC, datetime

from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator

from sse_digest.feeds.formats.atom import AtomEntryPart, AtomFeedPart
from sse_digest.feeds.formats.links import links_of
from sse_digest.feeds.formats.rss import RssChannelPart, RssItemPart
from sse_digest.feeds.model import Category, Entry, FeedDocument
from sse_digest.feeds.names import encoded
from sse_digest.feeds.xml_text import clean, isolated, unambiguous
from sse_digest.rendering.translations import direction_of

GENERATOR = "sse-digest"  # without a version: an upgrade must not change every document


def atom(document: FeedDocument) -> bytes:
    """Write a feed as Atom 1.0, in UTF-8.

    Raises:
        ValueError: an instant has no time zone.
    """
    feed = _open(document, "atom", AtomFeedPart, AtomEntryPart)
    for link in links_of(document, "atom")[1:]:
        feed.link(**link.attributes())
    feed.author(name=_text(document.author, document.language) or GENERATOR, uri=document.site_url)
    feed.updated(_utc(document.updated))
    if document.icon:
        feed.icon(document.icon)
    if document.logo:
        feed.logo(document.logo)
    for entry in document.entries:
        part = _add(feed, entry, _text(entry.text, entry.language))
        part.updated(_utc(entry.updated))
        if entry.published:
            part.published(_utc(entry.published))
        part.sse.entry, part.sse.feed_language = entry, document.language
        if entry.content:
            part.content(entry.content, type="html")
    return _numeric(feed.atom_str(pretty=True))


def rss(document: FeedDocument) -> bytes:
    """Write a feed as RSS 2.0, in UTF-8.

    Raises:
        ValueError: an instant has no time zone.
    """
    feed = _open(document, "rss", RssChannelPart, RssItemPart)
    feed.link(href=document.site_url, rel="alternate")  # feedgen uses the last link for the channel
    feed.sse.updated, feed.sse.links = _utc(document.updated), links_of(document, "rss")[1:]
    feed._FeedGenerator__rss_lastBuildDate = None  # noqa: SLF001 # stops feedgen from switching the locale
    if document.logo:
        feed.image(document.logo, title=_text(document.title, document.language), link=document.site_url)
    if document.ttl_minutes > 0:
        feed.ttl(document.ttl_minutes)
    for entry in document.entries:
        part = _add(feed, entry, _description(entry))
        part.sse.dated, part.sse.language = _utc(entry.dated), entry.language
        part.sse.author = _text(document.author, document.language)
        part.sse.picture = entry.picture
        if entry.content:
            part.content(entry.content)
    return _numeric(feed.rss_str(pretty=True))


def _open(document: FeedDocument, format_: str, feed_part: type, entry_part: type) -> FeedGenerator:
    """Begin a feed with everything that both formats share; the link to itself comes first."""
    feed = FeedGenerator()
    feed.register_extension("sse", feed_part, entry_part)
    feed.sse.archive = document.current is not None
    feed.sse.pictures = any(entry.picture for entry in document.entries)
    feed.id(encoded(document.id))
    feed.title(_text(document.title, document.language) or document.name)
    feed.subtitle(_text(document.subtitle, document.language) or _text(document.title, document.language))
    feed.language(document.language)
    feed.generator(GENERATOR)
    feed.link(**links_of(document, format_)[0].attributes())
    if rights := _text(document.rights, document.language):
        feed.rights(rights)
    return feed


def _add(feed: FeedGenerator, entry: Entry, description: str) -> FeedEntry:
    """Append an entry with everything that both formats share."""
    part = FeedEntry()
    feed.add_entry(part, order="append")
    part.id(encoded(entry.id))
    part.title(_text(entry.title, entry.language) or entry.id)
    part.description(description, isSummary=True)
    part.link(href=entry.url, rel="alternate")
    part.category([_category(category) for category in entry.categories])
    return part


def _category(category: Category) -> dict[str, str]:
    return {
        "term": unambiguous(clean(category.term)),
        "scheme": category.scheme,
        "label": unambiguous(clean(category.label)),
    }


def _description(entry: Entry) -> str:
    """Return an entry's text as HTML for an RSS description; right-to-left text is marked as such."""
    text = html.escape(_text(entry.text, entry.language), quote=False)
    if direction_of(entry.language) != "rtl":
        return text
    return f'<p lang="{entry.language}" dir="rtl">{text}</p>'


def _text(text: str, language: str | None) -> str:
    return isolated(unambiguous(clean(text)), language)


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(f"the instant {moment} has no time zone")
    return moment.astimezone(UTC)


def _numeric(document: bytes) -> bytes:
    """Write `&` and `<` as numeric references, so that readers do not mistake text for HTML (RSS profile)."""
    return bytes(document).replace(b"&amp;", b"&#x26;").replace(b"&lt;", b"&#x3C;")

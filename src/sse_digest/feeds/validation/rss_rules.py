"""Check RSS 2.0 documents: the specification and the profile of the RSS Advisory Board."""

from datetime import datetime

from lxml import etree

from sse_digest.feeds.validation import value_rules as value
from sse_digest.feeds.validation.atom_rules import ATOM, everywhere, links, located, order, required
from sse_digest.feeds.validation.findings import Problems
from sse_digest.feeds.validation.html_rules import markup

DC = "{http://purl.org/dc/elements/1.1/}"
_CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
_ONCE = ("title", "link", "description", "guid", "pubDate")  # in an item
_SHORT = ("title", "category", "copyright")  # plain text


def rss_problems(root: etree._Element, now: datetime, *, numbers: bool) -> Problems:
    """Yield the problems of any RSS feed; the arguments are as in `atom_problems`."""
    channel = root.find("channel")
    if root.get("version") != "2.0" or channel is None:
        yield "format", None, "this is not RSS 2.0"
        return
    items = channel.findall("item")
    yield from _channel(channel)
    for item in items:
        yield from _item(item)
    yield from _unique(items)
    for element in channel.iter("pubDate", "lastBuildDate"):
        yield from located(value.mail_date(element.text, None, str(element.tag), now), element)
    for element in channel.iter(*_SHORT):
        yield from located(value.plain(element.text, None, str(element.tag), numbers=numbers), element)
    for element in channel.iter("language", f"{DC}language"):
        yield from located(value.language((element.text or "").strip(), None, "language"), element)
    for element in channel.iter("description", _CONTENT):
        yield from located(markup(element.text, None, str(element.tag).rpartition("}")[2]), element)
    yield from everywhere(root, numbers=numbers)


def our_rss_problems(root: etree._Element, *, numbers: bool) -> Problems:
    """Yield the problems of our own RSS feed with the rules we add to the standard."""
    channel = root.find("channel")
    if channel is None:
        return
    if not numbers:
        yield "house-numbers", None, "& or < is written as a named reference"
    for name in ("language", "lastBuildDate", "generator"):
        if channel.find(name) is None:
            yield "house-parts", None, f"there is no {name}"
    for item in channel.findall("item"):
        guid = item.find("guid")
        if guid is None or guid.get("isPermaLink") != "false" or not value.TAG.fullmatch(guid.text or ""):
            yield "house-id", _guid(item), "the guid is not a tag: URI"
        if item.find(f"{DC}language") is None:
            yield "house-language", _guid(item), "there is no dc:language"
        for name in ("title", "link", "description", "pubDate"):
            if item.find(name) is None:
                yield "house-parts", _guid(item), f"there is no {name}"


def _channel(channel: etree._Element) -> Problems:
    for name in ("title", "link", "description"):
        yield from required(channel, name, None, name)
    if channel.find("link") is not None:
        yield from value.web_address((channel.findtext("link") or "").strip(), None, "link")
    own = channel.findall(f"{ATOM}link")
    yield from links(own, None)
    if not any(link.get("rel") == "self" for link in own):
        yield "self", None, "there is no rel=self link"
    yield from order(channel, "item")


def _item(item: etree._Element) -> Problems:
    own = _guid(item)
    for name in _ONCE:
        if len(item.findall(name)) > 1:
            yield "once", own, f"there are several elements {name}"
    if item.find("title") is None and item.find("description") is None:
        yield "required", own, "there is neither title nor description"
    if item.find("link") is not None:
        yield from value.web_address((item.findtext("link") or "").strip(), own, "link")
    guid = item.find("guid")
    if guid is not None and guid.get("isPermaLink", "true") == "true":
        yield from value.web_address((guid.text or "").strip(), own, "the permanent link in guid")
    for enclosure in item.findall("enclosure"):
        if not (enclosure.get("length") or "").isdecimal() or not enclosure.get("type"):
            yield "type", own, "the enclosure has no length in bytes or no type"
        yield from value.web_address(enclosure.get("url"), own, "url of the enclosure")


def _unique(items: list[etree._Element]) -> Problems:
    seen: set[str] = set()
    for item in items:
        guid = item.findtext("guid", "").strip()
        if guid and guid in seen:
            yield "unique-id", guid, "another item has this guid"
        seen.add(guid)


def _guid(item: etree._Element) -> str:
    return str(item.findtext("guid") or f"at line {item.sourceline}").strip()

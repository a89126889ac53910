"""Rules a published feed must keep.

RFC 4287, RSS 2.0 with the advisory board's profile, and the conditions under which the W3C's validator
speaks: errors, warnings and infos alike. They read bytes and know nothing of the code that wrote them.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from html.entities import name2codepoint

import html5lib
from lxml import etree

ATOM = "{http://www.w3.org/2005/Atom}"
DC = "{http://purl.org/dc/elements/1.1/}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
URI = re.compile(r"[a-zA-Z][0-9a-zA-Z+.-]*:(?://)?(?:[0-9a-zA-Z;/?:@&=+$.\-_!~*'(),#]|%[0-9A-Fa-f]{2})+")
TAG = re.compile(r"tag:[a-z0-9.-]+,\d{4}:[0-9a-zA-Z;/?:@&=+$.\-_!~*'()%,]+")
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
Problems = Iterator[str]


def parse(document: bytes) -> etree._Element:
    return etree.fromstring(document, etree.XMLParser(resolve_entities=False))


def atom_problems(document: bytes, *, now: datetime) -> list[str]:
    """Every rule an Atom document breaks."""
    return list(_atom(parse(document), _has_numbers(document), now))


def rss_problems(document: bytes, *, now: datetime) -> list[str]:
    """Every rule an RSS document breaks."""
    return list(_rss(parse(document), _has_numbers(document), now))


def _has_numbers(document: bytes) -> bool:
    """Whether `&` and `<` are written as numbers, which the RSS profile asks for and the validator takes."""
    return b"&amp;" not in document and b"&lt;" not in document


def _atom(feed: etree._Element, numbers: bool, now: datetime) -> Problems:
    entries = feed.findall(f"{ATOM}entry")
    yield from _atom_feed(feed)
    for entry in entries:
        yield from _atom_entry(entry)
    for name in ("id", "updated"):
        values = [entry.findtext(ATOM + name) for entry in entries]
        if len(set(values)) != len(values):
            yield f"two entries with one {name}"
    if entries and feed.findtext(f"{ATOM}updated") != max(e.findtext(f"{ATOM}updated") for e in entries):
        yield "feed updated is not that of the newest entry"
    for element in feed.iter(f"{ATOM}id"):
        if not TAG.fullmatch(element.text):
            yield f"id {element.text!r}"
    for element in feed.iter(f"{ATOM}updated", f"{ATOM}published"):
        yield from _date_3339(element.text, now)
    for element in feed.iter(*(ATOM + name for name in ("title", "summary", "subtitle", "rights", "name"))):
        yield from _plain(element, element.text, numbers)
    yield from _anywhere(feed, numbers)


def _atom_feed(feed: etree._Element) -> Problems:
    if feed.tag != f"{ATOM}feed":
        yield f"root {feed.tag}"
    for name in ("id", "title", "updated", "author", "subtitle", "generator"):
        if len(feed.findall(ATOM + name)) != 1:
            yield f"feed has not one {name}"
    links = [
        (link.get("rel"), link.get("type"), link.get("hreflang")) for link in feed.findall(f"{ATOM}link")
    ]
    if [link[0] for link in links].count("self") != 1 or len(set(links)) != len(links):
        yield f"feed links {links}"
    yield from _order(feed, f"{ATOM}entry")


def _order(parent: etree._Element, name: str) -> Problems:
    tags = [child.tag for child in parent]
    if name in tags and set(tags[tags.index(name) :]) != {name}:
        yield f"metadata after the first {name}"


def _atom_entry(entry: etree._Element) -> Problems:
    for name in ("id", "title", "updated", "summary"):
        if len(entry.findall(ATOM + name)) != 1:
            yield f"entry has not one {name}"
    if len(entry.findall(f"{ATOM}published")) > 1:
        yield "entry has several published"
    alternates = [
        link for link in entry.findall(f"{ATOM}link") if link.get("rel", "alternate") == "alternate"
    ]
    if len(alternates) != 1 or alternates[0].get("type") != "text/html":
        yield f"entry has {len(alternates)} alternate links"
    if not entry.get(LANG):
        yield "entry has no language"
    if entry.get("dir") is not None:
        yield "dir has no place in Atom"


def _rss(root: etree._Element, numbers: bool, now: datetime) -> Problems:
    channel = root.find("channel")
    if root.tag != "rss" or root.get("version") != "2.0":
        yield "not RSS 2.0"
    yield from _rss_channel(channel)
    items = channel.findall("item")
    guids = [item.findtext("guid") for item in items]
    if len(set(guids)) != len(guids):
        yield "two items with one guid"
    for item in items:
        yield from _rss_item(item)
    for element in channel.iter("pubDate", "lastBuildDate"):
        yield from _date_2822(element.text, now)
    for element in (channel.find("description"), *channel.iter("title", "category", "copyright")):
        yield from _plain(element, element.text, numbers)
    for element in channel.iter("link"):
        if not URI.fullmatch(element.text or ""):
            yield f"link {element.text!r}"
    yield from _anywhere(root, numbers)


def _rss_channel(channel: etree._Element) -> Problems:
    for name in ("title", "link", "description", "language", "lastBuildDate", "generator", "docs"):
        if len(channel.findall(name)) != 1:
            yield f"channel has not one {name}"
    links = [tuple(map(link.get, ("rel", "type", "hreflang"))) for link in channel.findall(f"{ATOM}link")]
    if [link[0] for link in links].count("self") != 1 or len(set(links)) != len(links):
        yield f"channel links {links}"
    yield from _order(channel, "item")


def _rss_item(item: etree._Element) -> Problems:
    for name in ("title", "link", "description", "guid", "pubDate", f"{DC}creator", f"{DC}language"):
        if len(item.findall(name)) != 1:
            yield f"item has not one {name}"
    if item.find("author") is not None or item.find("enclosure") is not None:
        yield "author or enclosure"
    guid = item.find("guid")
    if guid.get("isPermaLink") != "false" or not TAG.fullmatch(guid.text):
        yield f"guid {guid.text!r}"
    try:
        html5lib.HTMLParser(strict=True).parseFragment(item.findtext("description"))
    except html5lib.html5parser.ParseError as error:
        yield f"description is no HTML: {error}"


def _plain(element: etree._Element, text: str | None, numbers: bool) -> Problems:
    """Plain text is there, and does not look like markup where it is not written with numbers."""
    if not text or not text.strip():
        yield f"{element.tag} is blank"
        return
    if re.search(r"</\w+>", text):
        yield f"end tag in {element.tag}: {text!r}"
    names = re.findall(r"&(#?\w+)", text)
    doubtful = any(name in name2codepoint or name == "apos" or not name.isalpha() for name in names)
    if (doubtful or re.search("<[/a-zA-Z]", text)) and not numbers:
        yield f"looks like HTML in {element.tag}: {text!r}"


def _anywhere(root: etree._Element, numbers: bool) -> Problems:
    for element in root.iter():
        for text in (element.text or "", *element.attrib.values()):
            yield from _characters(element, text)
        for name in ("href", "scheme", "uri", "domain"):
            if element.get(name) is not None and not URI.fullmatch(element.get(name)):
                yield f"{name} {element.get(name)!r}"
        if not re.match("https?://[^/]", element.get("href", "http://a")):
            yield f"not absolute: {element.get('href')!r}"
        if element.get("label") is not None:
            yield from _plain(element, element.get("label"), numbers)
        language = element.text if element.tag in ("language", f"{DC}language") else element.get(LANG, "en")
        if not LANGUAGE.fullmatch(language):
            yield f"language {language!r}"


def _characters(element: etree._Element, text: str) -> Problems:
    if re.search("[\x7f-\x9f\ufffd\ufdd0-\ufdef]", text) or any(ord(c) & 0xFFFE == 0xFFFE for c in text):
        yield f"bad character in {element.tag}: {text!r}"
    if re.search("[\xc2\xc3][\x80-\xbf]", text):
        yield f"looks doubly encoded in {element.tag}: {text!r}"


def _date_3339(text: str, now: datetime) -> Problems:
    if not RFC3339.fullmatch(text):
        yield f"date {text!r}"
    elif not datetime(1990, 1, 1, tzinfo=UTC) <= datetime.fromisoformat(text) <= now:
        yield f"implausible date {text!r}"


def _date_2822(text: str, now: datetime) -> Problems:
    moment = parsedate_to_datetime(text)
    if format_datetime(moment, usegmt=True) != text:
        yield f"date {text!r}"
    if not datetime(1990, 1, 1, tzinfo=UTC) <= moment <= now:
        yield f"implausible date {text!r}"

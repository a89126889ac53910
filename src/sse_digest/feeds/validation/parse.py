"""Read any feed document: its format, and its ids, dates and links."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree

from sse_digest.feeds.validation.atom_rules import ATOM


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadFeed:
    """A parsed document; exactly one of `xml` and `members` is set."""

    format: str  # "atom", "rss" or "json"
    xml: etree._Element | None = None
    members: Mapping[str, object] | None = None
    numbers: bool = True  # whether `&` and `<` are written as numeric references


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedFacts:
    """The facts in a document that must agree with other documents."""

    id: str | None  # of the feed; None if its format has none
    updated: Mapping[str, str]  # entry id to its `updated`, "" if the format has none; in document order
    links: Mapping[str, str]  # relation to address, without alternate links


def read_feed(body: bytes) -> ReadFeed | str:
    """Parse a document; return the reason as text if it is not a feed."""
    if body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        return _read_json(body)
    # The document may be untrusted: nothing is fetched and no entity is expanded.
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        return f"it cannot be parsed: {error}"
    numbers = b"&amp;" not in body and b"&lt;" not in body
    if root.tag == f"{ATOM}feed":
        return ReadFeed(format="atom", xml=root, numbers=numbers)
    if root.tag == "rss":
        return ReadFeed(format="rss", xml=root, numbers=numbers)
    return f"it begins with {etree.QName(root).localname}, which is not a feed"


def _read_json(body: bytes) -> ReadFeed | str:
    try:
        members = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        return f"it cannot be parsed: {error}"
    return ReadFeed(format="json", members=members)


def facts_of(feed: ReadFeed) -> FeedFacts:
    """Return the facts in a document; documents that are not ours may lack some."""
    if feed.members is not None:
        return _json_facts(feed.members)
    root = feed.xml
    if root is None or feed.format == "atom":
        return _atom_facts(root)
    return _rss_facts(root)


def _atom_facts(root: etree._Element | None) -> FeedFacts:
    if root is None:
        return FeedFacts(id=None, updated={}, links={})
    return FeedFacts(
        id=root.findtext(f"{ATOM}id"),
        updated={
            entry.findtext(f"{ATOM}id", ""): entry.findtext(f"{ATOM}updated", "")
            for entry in root.iterfind(f"{ATOM}entry")
        },
        links=_links(root),
    )


def _rss_facts(root: etree._Element) -> FeedFacts:
    channel = root.find("channel")
    return FeedFacts(
        id=None,
        updated={item.findtext("guid", ""): "" for item in root.iterfind("channel/item")},
        links={} if channel is None else _links(channel),
    )


def _links(parent: etree._Element) -> Mapping[str, str]:
    found = ((link.get("rel", "alternate"), link.get("href", "")) for link in parent.iterfind(f"{ATOM}link"))
    return {rel: href for rel, href in found if rel != "alternate"}


def _json_facts(members: Mapping[str, object]) -> FeedFacts:
    said = members.get("_sse")
    items = members.get("items")
    objects = [item for item in items if isinstance(item, Mapping)] if isinstance(items, list) else []
    ours = said if isinstance(said, Mapping) else {}
    links = {
        "self": ours.get("archive_url") or members.get("feed_url"),
        "current": members.get("feed_url"),
        "prev-archive": members.get("next_url"),
    }
    return FeedFacts(
        id=str(ours["id"]) if "id" in ours else None,
        updated={str(item.get("id", "")): str(item.get("date_modified", "")) for item in objects},
        links={rel: href for rel, href in links.items() if isinstance(href, str)},
    )

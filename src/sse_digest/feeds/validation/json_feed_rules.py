"""Check JSON Feeds (jsonfeed.org/version/1.1): types, required members, addresses, dates, ids."""

from collections.abc import Mapping
from datetime import datetime

from sse_digest.feeds.validation import value_rules as value
from sse_digest.feeds.validation.findings import Problems
from sse_digest.feeds.validation.html_rules import markup

Members = Mapping[str, object]
_VERSIONS = ("https://jsonfeed.org/version/1", "https://jsonfeed.org/version/1.1")
_FEED: Mapping[str, type] = {
    "title": str, "home_page_url": str, "feed_url": str, "description": str, "user_comment": str,
    "next_url": str, "icon": str, "favicon": str, "language": str, "authors": list, "author": dict,
    "expired": bool, "hubs": list, "items": list,
}  # fmt: skip
_ITEM: Mapping[str, type] = {
    "id": str, "url": str, "external_url": str, "title": str, "content_html": str, "content_text": str,
    "summary": str, "image": str, "banner_image": str, "date_published": str, "date_modified": str,
    "authors": list, "author": dict, "tags": list, "language": str, "attachments": list,
}  # fmt: skip
_ADDRESSES = (
    "home_page_url", "feed_url", "next_url", "icon", "favicon", "url", "external_url", "image", "banner_image"
)  # fmt: skip
_DATES = ("date_published", "date_modified")


def json_problems(feed: Members, now: datetime) -> Problems:
    """Yield the problems of any JSON Feed; `now` is as in `atom_problems`."""
    if feed.get("version") not in _VERSIONS:
        yield "format", None, f"version is {feed.get('version')!r}"
    for name in ("title", "items"):
        if name not in feed:
            yield "required", None, f"there is no {name}"
    if "feed_url" not in feed:
        yield "self", None, "there is no feed_url"
    yield from _members(feed, _FEED, None, now)
    for hub in _objects(feed.get("hubs")):
        yield from value.web_address(_string(hub.get("url")), None, "url of a hub")
    yield from _items(feed, now)


def our_json_problems(feed: Members) -> Problems:
    """Yield the problems of our own JSON Feed with the rules we add to the standard."""
    items = _objects(feed.get("items"))
    said = feed.get("_sse")
    stated = said.get("updated") if isinstance(said, Mapping) else None
    newest = max((_string(item.get("date_modified")) for item in items), default=stated)
    if stated != newest:
        yield "house-newest", None, f"updated is not {newest}, that of the newest item"
    for item in items:
        own = _string(item.get("id"))
        if not value.TAG.fullmatch(own):
            yield "house-id", own, "the id is not a tag: URI"
        for name in ("url", "title", "content_text", "date_modified"):
            if name not in item:
                yield "house-parts", own, f"there is no {name}"


def _items(feed: Members, now: datetime) -> Problems:
    items = feed.get("items")
    seen: set[str] = set()
    for place, item in enumerate(items if isinstance(items, list) else ()):
        own = _string(item.get("id")) if isinstance(item, Mapping) else ""
        where = own or f"number {place + 1}"
        if not isinstance(item, Mapping):
            yield "type", where, "the item is not an object"
            continue
        if not own:
            yield "required", where, "there is no id, or it is not a string"
        elif own in seen:
            yield "unique-id", own, "another item has this id"
        seen.add(own)
        if not isinstance(item.get("content_html"), str) and not isinstance(item.get("content_text"), str):
            yield "required", where, "there is neither content_html nor content_text"
        yield from _members(item, _ITEM, where, now)
        yield from _parts(item, where)


def _parts(item: Members, where: str) -> Problems:
    tags = item.get("tags")
    if isinstance(tags, list) and not all(isinstance(tag, str) and tag.strip() for tag in tags):
        yield "type", where, "a tag is blank or not a string"
    for part in _objects(item.get("attachments")):
        yield from value.web_address(_string(part.get("url")), where, "url of an attachment")
        if not isinstance(part.get("mime_type"), str):
            yield "required", where, "an attachment has no mime_type"


def _members(members: Members, types: Mapping[str, type], entry: str | None, now: datetime) -> Problems:
    """Yield problems with the type and the value of every known member."""
    for name, found in members.items():
        wanted = types.get(name)
        if wanted is not None and not isinstance(found, wanted):
            yield "type", entry, f"{name} is of type {type(found).__name__}, not {wanted.__name__}"
        elif isinstance(found, str):
            yield from value.characters(found, entry, name)
            yield from _text(name, found, entry, now)
    for author in _objects(members.get("authors")):
        if not author.keys() & {"name", "url", "avatar"}:
            yield "required", entry, "an author has neither name nor url nor avatar"


def _text(name: str, text: str, entry: str | None, now: datetime) -> Problems:
    if name in _ADDRESSES:
        yield from value.web_address(text, entry, name)
    elif name in _DATES:
        yield from value.instant(text, entry, name, now)
    elif name == "content_html":
        yield from markup(text, entry, name)
    elif name == "language":
        yield from value.language(text, entry, name)
    if name in ("title", "content_text", "content_html", "summary") and not text.strip():
        yield "blank", entry, f"{name} is blank"


def _objects(found: object) -> list[Members]:
    return [member for member in found if isinstance(member, Mapping)] if isinstance(found, list) else []


def _string(found: object) -> str:
    return found if isinstance(found, str) else ""

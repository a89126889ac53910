"""Write a feed as JSON Feed 1.1 (jsonfeed.org/version/1.1), in UTF-8.

Fields that the format does not have are in the extension `_sse`.
"""

import json
from datetime import UTC, datetime

from sse_digest.feeds.model import Entry, FeedDocument
from sse_digest.feeds.xml_text import clean, isolated, unambiguous

VERSION = "https://jsonfeed.org/version/1.1"


def json_feed(document: FeedDocument) -> bytes:
    """Write a feed as JSON Feed 1.1.

    Raises:
        ValueError: an instant has no time zone.
    """
    language = document.language
    author = _text(document.author, language)
    feed = {
        "version": VERSION,
        "title": _text(document.title, language) or document.name,
        "home_page_url": document.urls["html"],
        "feed_url": (document.current or document.urls)["json"],
        "next_url": (document.previous or {}).get("json"),
        "description": _text(document.subtitle, language),
        "authors": [{"name": author, "url": document.site_url}] if author else [],
        "language": language,
        "icon": document.icon,
        "hubs": [{"type": "WebSub", "url": document.hub}] if document.hub else None,
        "_sse": _without_empty(
            {
                "id": document.id,
                "archive_url": document.urls["json"] if document.current else None,
                "updated": _instant(document.updated),
                "rights": _text(document.rights, language),
                "languages": {
                    sister.language: sister.urls["json"] for sister in document.sisters if sister.language
                },
            }
        ),
        "items": [_item(entry) for entry in document.entries],
    }
    kept = {name: value for name, value in feed.items() if value or name == "items"}
    return json.dumps(kept, ensure_ascii=False, indent=1).encode() + b"\n"


def _item(entry: Entry) -> dict[str, object]:
    """Return one item; its `id` is the same string as in Atom and RSS."""
    item: dict[str, object] = {
        "id": entry.id,
        "url": entry.url,
        "title": _text(entry.title, entry.language) or entry.id,
        "content_text": _text(entry.text, entry.language) or entry.id,
        "content_html": entry.content,
        "image": entry.picture.url if entry.picture else None,
        "date_published": _instant(entry.published) if entry.published else None,
        "date_modified": _instant(entry.updated),
        "tags": [unambiguous(clean(category.label)) for category in entry.categories],
        "language": entry.language,
        "_sse": _without_empty(
            {
                "date": entry.day.isoformat() if entry.day else None,
                "date_precision": entry.precision.value if entry.day else "none",
                "date_text": _text(entry.words, entry.language),
                "place": _text(entry.location, entry.language),
                "kicker": _text(entry.kicker, entry.language),
                "credit": _text(entry.credit, entry.language),
                "alt": _text(entry.picture.alt, entry.language) if entry.picture else None,
                "themes": [category.term for category in entry.categories if category.feed],
                "group": entry.group,
            }
        ),
    }
    return _without_empty(item)


def _without_empty(fields: dict[str, object]) -> dict[str, object]:
    """Leave out empty fields."""
    return {name: value for name, value in fields.items() if value}


def _text(text: str, language: str | None) -> str:
    return isolated(unambiguous(clean(text)), language)


def _instant(moment: datetime) -> str:
    if moment.tzinfo is None:
        raise ValueError(f"the instant {moment} has no time zone")
    return moment.astimezone(UTC).isoformat()

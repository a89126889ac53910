"""Read the entries of JSON Feed 1.0 and 1.1 (jsonfeed.org). Values of a wrong type are ignored."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sse_digest.errors import SourceError
from sse_digest.sources.html.fragments import fragment_text
from sse_digest.sources.kinds.feed_entries import FeedEntry
from sse_digest.sources.text.plain_text import plain_text

_VERSION = "jsonfeed.org/version/1"
_OWN = "_sse"  # the extension in the feeds of this program


def feed_of_json(text: str, place: str) -> tuple[Sequence[FeedEntry], str | None, bool]:
    """Return the entries, the feed's language, and whether this program wrote it.

    Raises:
        SourceError: the text is not JSON, or not a JSON Feed.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        why = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise SourceError(
            f"{place} begins like JSON but is not valid ({why}), so it was not read. Ask its publisher."
        ) from error
    if not isinstance(document, dict) or _VERSION not in _words(document, "version"):
        raise SourceError(
            f"{place} is JSON but not a JSON Feed: its “version” is that of no JSON Feed. Check the address."
        )
    items = document.get("items")
    entries = [_entry(item) for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    return entries, _words(document, "language") or None, isinstance(document.get(_OWN), dict)


def _entry(item: Mapping[str, Any]) -> FeedEntry:
    own = item.get(_OWN)
    own = own if isinstance(own, dict) else {}
    text = (
        _words(item, "summary") or _words(item, "content_text") or fragment_text(_raw(item, "content_html"))
    )
    return FeedEntry(
        id=_id(item.get("id")),
        title=_words(item, "title") or None,
        text=text or None,
        link=_raw(item, "url") or _raw(item, "external_url") or None,
        published=_raw(item, "date_published") or None,
        changed=_raw(item, "date_modified") or None,
        language=_words(item, "language") or None,
        credit=_words(own, "credit") or None,
        image_url=_raw(item, "image") or _raw(item, "banner_image") or None,
        image_alt=_words(own, "image_alt") or None,
        html=_raw(item, "content_html") or None,
        kicker=_words(own, "kicker") or None,
        date_text=_words(own, "date_text") or None,
    )


def _id(value: object) -> str | None:
    """Return an id as text, or None if it is neither a text nor a number (version 1.0 allows numbers)."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return str(value) or None


def _raw(item: Mapping[str, Any], name: str) -> str:
    value = item.get(name)
    return value if isinstance(value, str) else ""


def _words(item: Mapping[str, Any], name: str) -> str:
    return plain_text(_raw(item, name))

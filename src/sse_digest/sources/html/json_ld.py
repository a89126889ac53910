"""Read articles from a page's JSON-LD in the schema.org vocabulary. Values may have any type.

Documents may be nested to any depth, so every traversal is a loop.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from sse_digest.sources.html.images import ImageCandidate, alt_text
from sse_digest.sources.text.plain_text import plain_text
from sse_digest.sources.text.urls import absolute

TYPES = frozenset(
    (
        *("Article", "NewsArticle", "BlogPosting", "Report", "PressRelease", "ReportageNewsArticle"),
        *("AnalysisNewsArticle", "OpinionNewsArticle", "BackgroundNewsArticle", "ScholarlyArticle"),
        *("TechArticle", "SocialMediaPosting", "LiveBlogPosting"),
    )
)
"""The schema.org types that are news."""

_MAX_SCRIPTS = 50
_MAX_NODES = 20_000
_ADDRESSES = ("contentUrl", "url", "@id")


def said_articles(tree: LexborHTMLParser) -> Iterator[Mapping[str, Any]]:
    """Yield the properties of every article on the page, in order; scripts with invalid JSON are ignored."""
    for script in tree.css('script[type="application/ld+json"]')[:_MAX_SCRIPTS]:
        try:
            document = json.loads(script.text() or "")
        except (ValueError, RecursionError):
            continue
        yield from _things(document)


def said_word(properties: Mapping[str, Any], *names: str) -> str:
    """Return the text of the first of these properties that has one, or "" if none has."""
    for name in names:
        value = properties.get(name)
        if isinstance(value, list) and value:
            value = value[0]
        if isinstance(value, dict):
            value = value.get("@id") or value.get("name")
        if isinstance(value, str) and plain_text(value):
            return plain_text(value)
    return ""


def said_credit(properties: Mapping[str, Any]) -> str:
    """Return the credit of the article's image, or "" if there is none."""
    image = _first(properties.get("image"))
    return said_word(image, "creditText", "copyrightNotice") if isinstance(image, dict) else ""


def said_picture(properties: Mapping[str, Any], base: str) -> ImageCandidate | None:
    """Return the article's image, or None if it has none.

    The property may be an address, an ImageObject, or a list of either.
    """
    found = _first(properties.get("image") or properties.get("thumbnailUrl"))
    image = found if isinstance(found, dict) else {"url": found}
    url = next((absolute(one, base) for name in _ADDRESSES if isinstance(one := image.get(name), str)), None)
    caption = image.get("caption") or image.get("description")
    return (
        ImageCandidate(url=url, alt=alt_text(caption if isinstance(caption, str) else None)) if url else None
    )


def _first(value: object) -> object:
    return value[0] if isinstance(value, list) and value else value


def _things(document: object) -> Iterator[Mapping[str, Any]]:
    """Yield every article in a document, in order."""
    waiting: list[object] = [document]
    for _ in range(_MAX_NODES):
        if not waiting:
            return
        node = waiting.pop()
        if isinstance(node, list):
            waiting.extend(reversed(node))
        elif isinstance(node, dict):
            kinds = node.get("@type")
            if TYPES & {
                kind for kind in (kinds if isinstance(kinds, list) else [kinds]) if isinstance(kind, str)
            }:
                yield node
            else:
                waiting.extend(reversed([one for one in node.values() if isinstance(one, list | dict)]))

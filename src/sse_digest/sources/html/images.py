"""Find the lead image of an item, and its alternative text. Pure.

Images are never fetched. Icons, tracking pixels and images embedded as data are not lead images.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

from sse_digest.model.items import shorten
from sse_digest.sources.text.plain_text import plain_text
from sse_digest.sources.text.urls import absolute

_MAX_ALT = 1000
_ICON = 48  # pixels; an image declared no larger than this is an icon or a tracking pixel
_SOURCES = (
    "src",
    "data-src",
    "data-lazy-src",
    "data-original",
)  # pages that load images lazily keep the address in the data attributes
_SETS = ("srcset", "data-srcset")
_CANDIDATE = re.compile(r"\s*(?P<url>[^\s,]\S*[^\s,])(?:\s+(?P<size>\d{1,5}(?:\.\d{1,3})?)[wx])?\s*(?:,|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageCandidate:
    """An image's address and alternative text."""

    url: str  # absolute http(s)
    alt: str | None


def alt_text(words: str | None) -> str | None:
    """Return an image's description as stored with items, or None if it is empty."""
    return shorten(plain_text(words or ""), _MAX_ALT) or None


def picture_in(box: LexborNode, base: str, selector: str | None = None) -> ImageCandidate | None:
    """Return the first image in an element, or None if it has none.

    Args:
        box: the element.
        base: the address that relative links refer to.
        selector: matches the image or an element around it; None: any image.
    """
    for node in box.css(selector) if selector else [box]:
        for image in [node] if node.tag == "img" else node.css("img"):
            attributes = image.attributes
            if (url := _address(attributes, base)) is not None:
                return ImageCandidate(url=url, alt=alt_text(attributes.get("alt")))
    return None


def picture_of_html(fragment: str | None, base: str) -> ImageCandidate | None:
    """Return the first image in a sanitised HTML fragment, or None if it has none."""
    if not fragment or "<img" not in fragment:
        return None
    tree = LexborHTMLParser(fragment.encode("utf-8", "replace"))
    return picture_in(tree.body, base) if tree.body is not None else None


def _address(attributes: Mapping[str, str | None], base: str) -> str | None:
    """Return the first valid address in an image's attributes; None if it has none or is an icon."""
    if any(map(_is_small, (attributes.get("width"), attributes.get("height")))):
        return None
    for name in _SOURCES:
        if (stated := attributes.get(name)) and (url := absolute(stated, base)) is not None:
            return url
    for name in _SETS:
        if (stated := attributes.get(name)) and (url := absolute(_largest(stated), base)) is not None:
            return url
    return None


def _is_small(size: str | None) -> bool:
    bare = (size or "").removesuffix("px")
    return bare.isdecimal() and int(bare) <= _ICON


def _largest(candidates: str | None) -> str | None:
    """Return the address of the widest candidate of a `srcset`, or None if there is none."""
    found = [
        (float(one["size"] or 1), one["url"]) for one in _CANDIDATE.finditer((candidates or "")[:20_000])
    ]
    return max(found, key=lambda one: one[0])[1] if found else None

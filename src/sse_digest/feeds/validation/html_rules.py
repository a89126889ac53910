"""Check HTML inside a feed: no scripts, frames or styles, and only absolute addresses."""

from selectolax.lexbor import LexborHTMLParser

from sse_digest.feeds.validation import value_rules as value
from sse_digest.feeds.validation.findings import Problems

_ACTIVE = frozenset(
    ("script", "style", "iframe", "frame", "object", "embed", "applet", "form", "base", "meta", "link")
)
_ADDRESSES = ("href", "src", "cite", "poster")
_ELSEWHERE = ("mailto:", "tel:")  # allowed in links
_SHOWN = 40


def markup(html: str | None, entry: str | None, name: str) -> Problems:
    """Yield a problem for everything in HTML that readers remove or cannot resolve."""
    if not html or "<" not in html:
        return
    body = LexborHTMLParser(html.encode("utf-8", "replace")).body
    if body is None:
        return
    for node in body.css("*"):
        tag = node.tag or ""
        if tag in _ACTIVE:
            yield "active", entry, f"{name} contains an element {tag[:_SHOWN]}"
        for attribute, text in node.attributes.items():
            if attribute.startswith("on"):
                yield "active", entry, f"{name} contains an attribute {attribute[:_SHOWN]}"
            elif attribute in _ADDRESSES and not (text or "").startswith(_ELSEWHERE):
                yield from value.web_address(text, entry, f"{attribute} in {name}")

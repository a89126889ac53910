"""What HTML inside a feed must be: nothing that runs, frames or styles, and only whole addresses."""

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
    """Find what readers take out of HTML, or cannot resolve."""
    if not html or "<" not in html:
        return
    body = LexborHTMLParser(html.encode("utf-8", "replace")).body
    if body is None:
        return
    for node in body.css("*"):
        tag = node.tag or ""
        if tag in _ACTIVE:
            yield "active", entry, f"{name} holds an element {tag[:_SHOWN]}"
        for attribute, text in node.attributes.items():
            if attribute.startswith("on"):
                yield "active", entry, f"{name} holds an attribute {attribute[:_SHOWN]}"
            elif attribute in _ADDRESSES and not (text or "").startswith(_ELSEWHERE):
                yield from value.web_address(text, entry, f"{attribute} in {name}")

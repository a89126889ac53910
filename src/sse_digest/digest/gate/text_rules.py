"""The gate's rules for the words of both parts: links, headings, why a reader gets it, how to unsubscribe."""

import re
from collections.abc import Iterator
from email.message import EmailMessage
from urllib.parse import unquote

from lxml.html import HtmlElement

from sse_digest.digest.gate.header_rules import mailbox_of, words_in
from sse_digest.digest.gate.rules import MailRule
from sse_digest.model.items import shorten
from sse_digest.rendering.sanitize_text import clean

_URL = re.compile(r"https?://[^\s<>\"]+")


def text_faults(text: str, root: HtmlElement, message: EmailMessage) -> Iterator[MailRule]:
    """Compare the text with the HTML, and both with the header."""
    shown = " ".join(root.find("body").itertext())
    linked = {address for link in root.iter("a") if (address := link.get("href") or "").startswith("http")}
    written = set(_URL.findall(text))
    raw = {name.lower(): str(value) for name, value in message.raw_items()}
    given = re.search(r"<(https://[^<>\s]+)>", raw.get("list-unsubscribe", ""))
    unsubscribe = given[1] if given else ""
    yield from _parity_faults(text, root, linked, written - set(_URL.findall(shown)), written)
    if unsubscribe and (unsubscribe not in linked or unsubscribe not in written):
        yield MailRule(rule="unsubscribe", place="HTML or text has no visible unsubscribe link")
    yield from _privacy_faults(_places(text, root, raw), mailbox_of(raw.get("to", "")).lower(), unsubscribe)
    yield from _why_faults(text, shown, raw)


def _parity_faults(
    text: str, root: HtmlElement, linked: set[str], only_written: set[str], written: set[str]
) -> Iterator[MailRule]:
    for address in sorted(linked - written):
        yield MailRule(rule="text", place=f"only the HTML links to {address}")
    for address in sorted(only_written - linked):
        yield MailRule(rule="text", place=f"only the text links to {address}")
    everything = _without_blanks(text)
    for heading in root.iter("h1", "h2", "h3"):
        if any(_without_blanks(words) not in everything for words in heading.itertext()):
            yield MailRule(
                rule="text",
                place=f"the text lacks the heading {' '.join(heading.text_content().split())[:60]}",
            )


def _places(text: str, root: HtmlElement, raw: dict[str, str]) -> set[str]:
    """Return all strings that could be sent elsewhere: words, attributes and headers."""
    words = {word.strip("<>") for part in (text, " ".join(root.itertext())) for word in part.split()}
    attributes = {value for element in root.iter() for value in element.attrib.values()}
    headers = {
        value for name, value in raw.items() if name not in {"to", "list-unsubscribe", "dkim-signature"}
    }
    return words | attributes | headers


def _privacy_faults(places: set[str], recipient: str, unsubscribe: str) -> Iterator[MailRule]:
    token = unsubscribe.rpartition("/")[2]
    for place in sorted(places - {unsubscribe}):
        if place.startswith("http") and recipient and recipient in unquote(place).lower():
            yield MailRule(rule="privacy", place=f"the recipient's address is in {shorten(place, 200)}")
        if token and token in unquote(place):
            yield MailRule(rule="privacy", place=f"the recipient's token is in {shorten(place, 200)}")


def _why_faults(text: str, shown: str, raw: dict[str, str]) -> Iterator[MailRule]:
    sender = mailbox_of(raw.get("from", ""))
    listed = clean(words_in(re.sub(r"<[^<>]*>\s*$", "", raw.get("list-id", "")).strip()).strip('"'))
    for what in filter(None, (sender, listed.replace('\\"', '"'))):
        if _without_blanks(what) not in _without_blanks(shown) or _without_blanks(
            what
        ) not in _without_blanks(text):
            yield MailRule(rule="why", place=f"HTML or text does not contain {what}")


def _without_blanks(text: str) -> str:
    """Remove whitespace and no-break characters, which differ between the parts."""
    return re.sub(r"[\s\u00a0\u202f]+", "", text)

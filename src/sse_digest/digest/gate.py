"""The gate: a mail that breaks a rule is not sent, and whoever sends it is told which, where and what to do.

Judged from the bytes of a whole sample mail alone, as a mailbox or a screen reader would find it, whoever
wrote the templates. The rules need no network, and apply only to what the mail has.
"""

import email
import email.policy
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from itertools import pairwise
from types import MappingProxyType
from urllib.parse import urlsplit

from lxml.html import HtmlElement, document_fromstring

from sse_digest.digest.fitting import LARGEST_HTML
from sse_digest.errors import DigestError

FIXES: Mapping[str, str] = MappingProxyType(
    {
        "headers": "Report it: headers are written by the program.",
        "one-click": "Set public_url to an https address; both List-Unsubscribe headers come with it.",
        "structure": "Report it: the parts are put together by the program.",
        "size": "Shorten the introduction or the notes, or set section_limits.",
        "language": "Give <html> and the first element of <body> lang and dir, and <head> a title.",
        "headings": "One h1, then h2 for themes and h3 for items; leave no level out.",
        "tables": 'Give every <table> role="presentation".',
        "images": "Give every <img> an alt, and never one of 1 x 1.",
        "https": "Hide the item (`sse-digest issue edit PERIOD --hide ID`), or correct the template.",
        "link-words": "Let a link say where it leads: its title, never 'here'.",
        "anchors": "Let every #link lead to an element with that name and id.",
        "hidden": "Take out what is hidden by styles; mailboxes take it for spam.",
        "active": "Take out scripts, forms, frames and whatever loads something.",
        "small-print": "Let no words be smaller than 14 px.",
        "styles": "Keep style blocks below 16,000 bytes, without nested @ rules or addresses in them.",
        "text": "Let digest.txt hold the same links as digest.html, each on a line of its own.",
        "unsubscribe": "Keep the link to unsubscribe in footer.html and digest.txt.",
    }
)
"""What to do about a mail that breaks a rule, by the rule's name."""

_ONCE = ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type", "List-Id")
_PROGRAMS_READ = ("List-Unsubscribe", "List-Unsubscribe-Post", "Message-ID", "Feedback-ID", "List-Owner")
_ACTIVE = ("script", "form", "iframe", "object", "embed", "video", "audio", "link", "base", "svg", "input")
_VAGUE = {"read more", "more", "here", "click here", "link", "lire la suite", "ici", "leer más", "aquí"}
_VAGUE |= {"المزيد", "هنا"}
_HIDING = re.compile(
    r"display:\s*none|visibility:\s*hidden|opacity:\s*0(?![.\d])|font-size:\s*[01]px|max-height:\s*0"
)
_URL = re.compile(r"https?://[^\s<>\"]+")
_LONGEST_LINE = 998  # RFC 5322 section 2.1.1
_SMALLEST_PX, _MOST_CSS = 14, 16_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A rule that a mail breaks."""

    rule: str  # a key of FIXES
    place: str  # what was found, and where

    @property
    def fix(self) -> str:
        """What to do."""
        return FIXES[self.rule]


def faults_of(mail: bytes) -> tuple[Fault, ...]:
    """Judge a whole mail; none: it may be sent."""
    message = email.message_from_bytes(mail, policy=email.policy.default)
    found = [*_header_faults(mail, message), *_list_faults(message), *_structure_faults(message)]
    if any(fault.rule == "structure" for fault in found):
        return tuple(found)
    text, html = (_content(part) for part in message.iter_parts())
    if not html.strip():
        return (*found, Fault(rule="structure", place="the HTML is empty"))
    return (*found, *_html_faults(html), *_text_faults(text, html, message))


def refuse_faulty(mails: Iterable[tuple[str, bytes]]) -> None:
    """Refuse an issue one of whose mails breaks a rule; of each fault the first mail that has it is named.

    Args:
        mails: a name for people, and the bytes.

    Raises:
        DigestError: with rule, place and fix of every fault.
    """
    first: dict[Fault, str] = {}
    for name, mail in mails:
        for fault in faults_of(mail):
            first.setdefault(fault, name)
    if first:
        lines = [f"  {fault.rule} ({name}): {fault.place}. {fault.fix}" for fault, name in first.items()]
        raise DigestError("\n".join(["The mail breaks rules and is not sent:", *lines[:30]]))


def _content(part: object) -> str:
    content = part.get_content() if isinstance(part, EmailMessage) else ""
    return content.replace("\r\n", "\n") if isinstance(content, str) else ""


def _header_faults(mail: bytes, message: EmailMessage) -> Iterator[Fault]:
    names = [name.lower() for name in message.keys()]  # noqa: SIM118 # a message gives its values otherwise
    for name in _ONCE:
        if names.count(name.lower()) != 1:
            yield Fault(rule="headers", place=f"{name} stands {names.count(name.lower())} times")
    for name in sorted({name for name in names if names.count(name) > 1} - {one.lower() for one in _ONCE}):
        yield Fault(rule="headers", place=f"{name} stands more than once")
    if not mail.isascii() or re.search(rb"\0|(?<!\r)\n|\r(?!\n)", mail):
        yield Fault(rule="headers", place="a character that mail may not hold")
    if max(map(len, mail.split(b"\r\n"))) > _LONGEST_LINE:
        yield Fault(rule="headers", place=f"a line longer than {_LONGEST_LINE}")


def _list_faults(message: EmailMessage) -> Iterator[Fault]:
    raw = {name.lower(): str(value).strip() for name, value in message.raw_items()}
    for name in _PROGRAMS_READ:
        if "=?" in raw.get(name.lower(), ""):
            yield Fault(rule="headers", place=f"{name} is encoded")
    if raw.get("auto-submitted") != "auto-generated":
        yield Fault(rule="headers", place="Auto-Submitted is missing: absence replies would come")
    given = raw.get("list-unsubscribe", "")
    if not re.fullmatch(r"<https://[^<>\s]+>", given):
        yield Fault(rule="one-click", place=f"List-Unsubscribe is {given or 'missing'}")
    if raw.get("list-unsubscribe-post") != "List-Unsubscribe=One-Click":
        yield Fault(rule="one-click", place="List-Unsubscribe-Post is missing or wrong")


def _structure_faults(message: EmailMessage) -> Iterator[Fault]:
    parts = list(message.iter_parts())
    types = [part.get_content_type() for part in parts]
    if message.get_content_type() != "multipart/alternative" or types != ["text/plain", "text/html"]:
        yield Fault(
            rule="structure", place=f"{message.get_content_type()} of {', '.join(types) or 'nothing'}"
        )
    for part in parts:
        if part.get_content_charset() != "utf-8" or not part["Content-Language"]:
            yield Fault(rule="structure", place=f"{part.get_content_type()} lacks charset or language")


def _html_faults(html: str) -> Iterator[Fault]:
    root = document_fromstring(html)
    size = len(html.encode()) + html.count("\n")
    if size > LARGEST_HTML:
        yield Fault(rule="size", place=f"{size} bytes of HTML; {LARGEST_HTML} are the most")
    for rule in _HTML_RULES:
        yield from rule(root)
    if any('role="presentation"' not in tag for tag in re.findall(r"<table\b[^>]*>", html)):
        yield Fault(rule="tables", place="a table of the layout without its role")
    yield from _style_faults(html, root)


def _language_faults(root: HtmlElement) -> Iterator[Fault]:
    wrapper = root.find("body/*")
    for name, element in (("<html>", root), ("the first element of <body>", wrapper)):
        if element is None or not (element.get("lang") and element.get("dir") in {"ltr", "rtl"}):
            yield Fault(rule="language", place=f"{name} lacks lang or dir")
    if not (root.findtext("head/title") or "").strip():
        yield Fault(rule="language", place="<title> is missing or empty")


def _heading_faults(root: HtmlElement) -> Iterator[Fault]:
    headings = list(root.iter("h1", "h2", "h3", "h4", "h5", "h6"))
    levels = [int(heading.tag[1]) for heading in headings]
    if levels[:1] != [1] or levels.count(1) != 1:
        yield Fault(
            rule="headings", place=f"{levels.count(1)} h1, and the first heading is h{levels[:1] or '-'}"
        )
    for before, after in pairwise(headings):
        if int(after.tag[1]) - int(before.tag[1]) > 1:
            yield Fault(rule="headings", place=f"{after.tag} behind {before.tag}: {_words(after)}")


def _image_faults(root: HtmlElement) -> Iterator[Fault]:
    for image in root.iter("img"):
        source = image.get("src") or "no src"
        if image.get("alt") is None:
            yield Fault(rule="images", place=f"{source} has no alt")
        if {image.get("width"), image.get("height")} & {"0", "1"}:
            yield Fault(rule="images", place=f"{source} is a tracking pixel")
        if not source.startswith("https://"):
            yield Fault(rule="https", place=f"the image {source}")


def _link_faults(root: HtmlElement) -> Iterator[Fault]:
    names = {one.get("name") for one in root.iter("a")} & {one.get("id") for one in root.iter()}
    for link in root.iter("a"):
        address, words = link.get("href"), _words(link)
        if address is None:
            continue
        if not words or words.lower().strip(".… ") in _VAGUE:
            yield Fault(rule="link-words", place=f"{words or 'nothing'!r} leads to {address}")
        if address.startswith("#"):
            if address[1:] not in names:
                yield Fault(rule="anchors", place=f"{address} leads nowhere")
        elif urlsplit(address).scheme not in {"https", "http"}:  # a publisher's page may still be http
            yield Fault(rule="https", place=f"{address} ({words})")


def _visibility_faults(root: HtmlElement) -> Iterator[Fault]:
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        style = element.get("style") or ""
        if _HIDING.search(style) or element.get("hidden") is not None:
            yield Fault(rule="hidden", place=f"<{element.tag}> {_words(element)[:60]}")
        if any(float(size) < _SMALLEST_PX for size in re.findall(r"font-size:\s*([\d.]+)px", style)):
            yield Fault(rule="small-print", place=f"<{element.tag}> {_words(element)[:60]}")
        if element.tag in _ACTIVE or any(str(name).startswith("on") for name in element.attrib):
            yield Fault(rule="active", place=f"<{element.tag}>")


_HTML_RULES: tuple[Callable[[HtmlElement], Iterator[Fault]], ...] = (
    _language_faults,
    _heading_faults,
    _image_faults,
    _link_faults,
    _visibility_faults,
)


def _style_faults(html: str, root: HtmlElement) -> Iterator[Fault]:
    blocks = [style.text or "" for style in root.iter("style")]
    if sum(len(block.encode()) for block in blocks) > _MOST_CSS:
        yield Fault(rule="styles", place=f"more than {_MOST_CSS} bytes of style blocks")
    if any(re.search(r"@[^{]*\{[^{}]*@", block) for block in blocks):
        yield Fault(rule="styles", place="an @ rule inside another: Gmail drops the whole block")
    if re.search(r"url\(|@import", html):
        yield Fault(rule="active", place="a style would load something")


def _text_faults(text: str, html: str, message: EmailMessage) -> Iterator[Fault]:
    root = document_fromstring(html)
    linked = {address for link in root.iter("a") if (address := link.get("href") or "").startswith("http")}
    written = set(_URL.findall(text))
    for address in sorted(linked - written):
        yield Fault(rule="text", place=f"only the HTML leads to {address}")
    for address in sorted(written - linked - set(_URL.findall(_words(root)))):
        yield Fault(rule="text", place=f"only the text leads to {address}")
    way_out = str(message.get("List-Unsubscribe", "")).strip("<> ")
    if way_out.startswith("https://") and (way_out not in linked or way_out not in written):
        yield Fault(rule="unsubscribe", place="HTML or text has no visible link to unsubscribe")


def _words(element: HtmlElement) -> str:
    return " ".join(element.text_content().split())

"""The gate's rules for the HTML of a mail, as screen readers, filters and mailboxes read it."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from sse_digest.digest.client_support import (
    ACTIVE_ELEMENTS,
    SHORTENERS,
    UNKNOWN_ELEMENTS,
    UNKNOWN_IMAGES,
    UNKNOWN_STYLES,
)
from sse_digest.digest.gate.rules import MailRule
from sse_digest.digest.truncation import LARGEST_HTML
from sse_digest.rendering.sanitize_text import Direction, direction_of_text

_NEAR_LARGEST = 80_000  # bytes; a warning before sections are shortened
_MOST_CSS = 16_000  # bytes; Gmail drops a longer block completely
_NARROWEST = 320  # px; width of a small phone
_SHORTEST_SENTENCE = 20  # characters
_TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")  # syntax of BCP 47
_HIDING = re.compile(
    r"display:\s*none|visibility:\s*hidden|opacity:\s*0(?![.\d])|font-size:\s*[01]px|max-height:\s*0"
    r"|(?:text-indent|left|top):\s*-\d{3}"
)
_VAGUE = {"read more", "more", "here", "click here", "link", "learn more", "lire la suite", "ici", "leer más"}
_VAGUE |= {"en savoir plus", "aquí", "más", "المزيد", "هنا"}
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


def html_faults(html: str, root: HtmlElement) -> Iterator[MailRule]:
    """Check the HTML part, except what `contrast_rules` checks."""
    size = len(html.encode()) + html.count("\n")
    if size > LARGEST_HTML:
        yield MailRule(rule="size", place=f"{size} bytes of HTML; the limit is {LARGEST_HTML}")
    elif size > _NEAR_LARGEST:
        yield MailRule(rule="size-near", place=f"{size} bytes of HTML, close to the limit of {LARGEST_HTML}")
    if not re.match(r"\s*<!doctype html>", html, re.IGNORECASE) or not root.xpath("//meta[@charset='utf-8']"):
        yield MailRule(rule="html", place="no doctype, or no charset")
    if any('role="presentation"' not in tag for tag in re.findall(r"<table\b[^>]*>", html)):
        yield MailRule(rule="tables", place='a table without role="presentation"')
    if "<v:" in html:
        yield MailRule(rule="elements", place="a drawing that only Outlook shows (VML)")
    for rule in _RULES:
        yield from rule(root)
    yield from _style_faults(html, root)


def _frame_faults(root: HtmlElement) -> Iterator[MailRule]:
    wrapper = root.find("body/*")
    for name, element in (("<html>", root), ("the first element of <body>", wrapper)):
        if element is None or not (element.get("lang") and element.get("dir") in {"ltr", "rtl"}):
            yield MailRule(rule="language", place=f"{name} lacks lang or dir")
    if not (root.findtext("head/title") or "").strip():
        yield MailRule(rule="language", place="<title> is missing or empty")
    wanted = {"role": "article", "aria-roledescription": "email"}
    if wrapper is None or any(wrapper.get(name) != value for name, value in wanted.items()):
        yield MailRule(
            rule="landmarks", place="the first element of <body> is not marked as an e-mail article"
        )
    elif not wrapper.get("aria-label"):
        yield MailRule(rule="landmarks", place="the first element of <body> has no aria-label")
    ids = Counter(root.xpath("//@id"))
    for name in sorted(name for name, count in ids.items() if count > 1):
        yield MailRule(rule="html", place=f"the id {name} occurs {ids[name]} times")


def _language_faults(root: HtmlElement) -> Iterator[MailRule]:
    for tag in sorted({tag for tag in root.xpath("//@lang") if tag and not _TAG.fullmatch(tag)}):
        yield MailRule(rule="language", place=f"{tag!r} is not a language tag")
    for heading in root.iter("h3"):
        expected: Direction = (
            "rtl" if heading.xpath("ancestor-or-self::*[@dir][1]/@dir") == ["rtl"] else "ltr"
        )
        if direction_of_text(words_of(heading), expected) != expected:
            yield MailRule(rule="language", place=f"the text is not {expected}: {words_of(heading)[:60]}")


def _heading_faults(root: HtmlElement) -> Iterator[MailRule]:
    headings = list(root.iter(*_HEADINGS))
    levels = [int(heading.tag[1]) for heading in headings]
    if levels[:1] != [1] or levels.count(1) != 1:
        place = f"{levels.count(1)} h1, and the first heading is h{levels[:1] or '-'}"
        yield MailRule(rule="headings", place=place)
    for before, after in pairwise(headings):
        if int(after.tag[1]) - int(before.tag[1]) > 1:
            yield MailRule(rule="headings", place=f"{after.tag} after {before.tag}: {words_of(after)}")


def _image_faults(root: HtmlElement) -> Iterator[MailRule]:
    for image in root.iter("img"):
        source = image.get("src") or "no src"
        ending = urlsplit(source).path.lower().rpartition("/")[2].rpartition(".")[2]
        pixel = {image.get("width"), image.get("height")} & {"0", "1"}
        for found, what in (
            (image.get("alt") is None, "has no alt"),
            (pixel, "is a tracking pixel"),
            (not pixel and not image.get("width"), "has no width"),
            (ending in UNKNOWN_IMAGES, "has a format that not all mailboxes show"),
            (not image.xpath("preceding::h1"), "comes before the first heading"),
        ):
            if found:
                yield MailRule(rule="images", place=f"{source} {what}")
        if not source.startswith("https://"):
            yield MailRule(rule="https", place=f"the image {source}")


def _link_faults(root: HtmlElement) -> Iterator[MailRule]:
    names = {one.get("name") for one in root.iter("a")} & {one.get("id") for one in root.iter()}
    ours = {urlsplit(one).hostname for one in root.xpath("//a/@href") if "/unsubscribe/" in one}
    for link in root.iter("a"):
        address, words = link.get("href"), words_of(link) or " ".join(link.xpath(".//img/@alt"))
        if address is None:
            continue
        if not words or words.lower().strip(".… ") in _VAGUE:
            yield MailRule(rule="link-words", place=f"{words or 'nothing'!r} links to {address}")
        if address.startswith("#"):
            if address[1:] not in names:
                yield MailRule(rule="anchors", place=f"{address} has no target")
            continue
        parts = urlsplit(address)
        # A publisher's page may use http; our own pages must not.
        if parts.scheme not in {"https", "http"} or (parts.scheme == "http" and parts.hostname in ours):
            yield MailRule(rule="https", place=f"{address} ({words})")
        if parts.hostname in SHORTENERS:
            yield MailRule(rule="shorteners", place=address)


def _visibility_faults(root: HtmlElement) -> Iterator[MailRule]:
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        if _HIDING.search(element.get("style") or "") or element.get("hidden") is not None:
            yield MailRule(rule="hidden", place=f"<{element.tag}> {words_of(element)[:60]}")
        if element.tag in ACTIVE_ELEMENTS or any(str(name).startswith("on") for name in element.attrib):
            yield MailRule(rule="active", place=f"<{element.tag}>")
        if element.tag in UNKNOWN_ELEMENTS:
            yield MailRule(rule="elements", place=f"<{element.tag}> {words_of(element)[:60]}")
    said = (" ".join(words.split()) for words in root.xpath("//body//text()[not(parent::style)]"))
    first = next(filter(None, said), "")
    if len(first) < _SHORTEST_SENTENCE or not first.endswith((".", "!", "?", "؟", "…", "。")):
        yield MailRule(rule="first-words", place=f"the first words are {first[:60]!r}")


def _width_faults(root: HtmlElement) -> Iterator[MailRule]:
    for element in root.iter("table", "td", "th", "img", "div", "p", "pre"):
        style = element.get("style") or ""
        fluid = re.search(r"max-width:\s*[\d.]+%", style)
        given = [element.get("width") or "", *re.findall(r"(?<![-\w])(?:min-)?width:\s*([\d.]+)px", style)]
        if any(one.isdigit() and int(one) > _NARROWEST for one in given) and not fluid:
            yield MailRule(rule="width", place=f"<{element.tag}> is {' and '.join(filter(None, given))} wide")


_RULES: tuple[Callable[[HtmlElement], Iterator[MailRule]], ...] = (
    _frame_faults,
    _language_faults,
    _heading_faults,
    _image_faults,
    _link_faults,
    _visibility_faults,
    _width_faults,
)


def _style_faults(html: str, root: HtmlElement) -> Iterator[MailRule]:
    blocks = [style.text or "" for style in root.iter("style")]
    if sum(len(block.encode()) for block in blocks) > _MOST_CSS:
        yield MailRule(rule="styles", place=f"more than {_MOST_CSS} bytes of style blocks")
    if any(re.search(r"@[^{]*\{[^{}]*@", block) for block in blocks):
        yield MailRule(rule="styles", place="a nested @ rule, for which Gmail drops the whole block")
    if not any(re.search(r"@media[^{]*\bprint\b", block) for block in blocks):
        yield MailRule(rule="styles", place="no style block for print")
    if re.search(r"url\(|@import", html):
        yield MailRule(rule="active", place="a style loads something")
    for style in sorted({*root.xpath("//body//@style"), *blocks}):
        if match := UNKNOWN_STYLES.search(style):
            yield MailRule(rule="css", place=f"{match[0]} in {' '.join(style.split())[:60]}")


def words_of(element: HtmlElement) -> str:
    """Return the text of an element on one line."""
    return " ".join(element.text_content().split())

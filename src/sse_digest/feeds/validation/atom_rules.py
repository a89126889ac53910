"""Check Atom documents: the grammar of RFC 4287, and the rules in its text."""

from collections.abc import Iterator
from datetime import datetime
from functools import cache
from pathlib import Path

from lxml import etree

from sse_digest.feeds.validation import value_rules as value
from sse_digest.feeds.validation.findings import Problems
from sse_digest.feeds.validation.html_rules import markup

ATOM = "{http://www.w3.org/2005/Atom}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_WORDS = ("title", "summary", "subtitle", "rights", "name")
_SHOWN_FAULTS = 5  # faults of the grammar; one often causes others


def atom_problems(feed: etree._Element, now: datetime, *, numbers: bool) -> Problems:
    """Yield the problems of any Atom feed.

    Args:
        feed: the root element.
        now: dates more than a day later are implausible.
        numbers: whether the document writes `&` and `<` as numeric references.
    """
    yield from _grammar(feed)
    entries = feed.findall(f"{ATOM}entry")
    yield from _feed(feed, entries)
    for entry in entries:
        yield from _entry(entry)
    yield from _unique(entries)
    for element in feed.iter(f"{ATOM}updated", f"{ATOM}published"):
        yield from located(value.instant(element.text, None, _name(element), now), element)
    for element in feed.iter(*(ATOM + name for name in _WORDS)):
        if element.get("type", "text") == "text":
            yield from located(value.plain(element.text, None, _name(element), numbers=numbers), element)
    for element in feed.iter(f"{ATOM}content", f"{ATOM}summary"):
        if element.get("type") == "html":
            yield from located(markup(element.text, None, _name(element)), element)
    yield from everywhere(feed, numbers=numbers)


def our_atom_problems(feed: etree._Element, *, numbers: bool) -> Problems:
    """Yield the problems of our own Atom feed with the rules we add to the standard."""
    entries = feed.findall(f"{ATOM}entry")
    if not numbers:
        yield "house-numbers", None, "& or < is written as a named reference"
    for name in ("author", "subtitle", "generator"):
        if feed.find(ATOM + name) is None:
            yield "house-parts", None, f"there is no {name}"
    for element in feed.iter(f"{ATOM}id"):
        if not value.TAG.fullmatch(element.text or ""):
            yield "house-id", _id_above(element), f"the id is {element.text!r}"
    for entry in entries:
        if not entry.get(LANG):
            yield "house-language", _id(entry), "there is no xml:lang"
    newest = max((entry.findtext(f"{ATOM}updated", "") for entry in entries), default=None)
    if newest is not None and feed.findtext(f"{ATOM}updated") != newest:
        yield "house-newest", None, f"updated is not {newest}, that of the newest entry"


@cache
def _schema() -> etree.RelaxNG:
    return etree.RelaxNG(etree.parse(Path(__file__).with_name("atom.rng")))


def _grammar(feed: etree._Element) -> Problems:
    schema = _schema()
    if not schema.validate(feed):
        for fault in list(schema.error_log)[:_SHOWN_FAULTS]:
            yield "grammar", None, f"line {fault.line}: {fault.message}"


def _feed(feed: etree._Element, entries: list[etree._Element]) -> Problems:
    for name in ("id", "title", "updated"):
        yield from required(feed, ATOM + name, None, name)
    if feed.find(f"{ATOM}author") is None and not all(_has_author(entry) for entry in entries):
        yield "author", None, "neither the feed nor each entry names one"
    yield from links(feed.findall(f"{ATOM}link"), None)
    if not any(link.get("rel") == "self" for link in feed.findall(f"{ATOM}link")):
        yield "self", None, "there is no rel=self link"
    yield from order(feed, f"{ATOM}entry")


def _has_author(entry: etree._Element) -> bool:
    return entry.find(f"{ATOM}author") is not None or entry.find(f"{ATOM}source/{ATOM}author") is not None


def _entry(entry: etree._Element) -> Problems:
    own, content = _id(entry), entry.find(f"{ATOM}content")
    for name in ("id", "title", "updated"):
        yield from required(entry, ATOM + name, own, name)
    found = entry.findall(f"{ATOM}link")
    yield from links(found, own)
    if content is None and not any(link.get("rel", "alternate") == "alternate" for link in found):
        yield "alternate", own, "there is neither content nor an alternate link"
    if content is None and entry.find(f"{ATOM}summary") is None:
        yield "summary", own, "there is neither summary nor content"


def _unique(entries: list[etree._Element]) -> Problems:
    for name, rule in (("id", "unique-id"), ("updated", "unique-updated")):
        seen: set[str] = set()
        for entry in entries:
            text = entry.findtext(ATOM + name, "").strip()
            if text in seen:
                yield rule, _id(entry), f"another entry has the {name} {text}"
            seen.add(text)


def links(found: list[etree._Element], entry: str | None) -> Problems:
    """Yield a problem for each second `alternate` or `self` link of one type and language."""
    seen: set[tuple[str | None, ...]] = set()
    for link in found:
        key = (link.get("rel", "alternate"), link.get("type"), link.get("hreflang"))
        if key in seen and key[0] in ("alternate", "self"):
            yield (
                "links",
                entry,
                f"two links have the same relation, type and language: {' '.join(filter(None, key))}",
            )
        seen.add(key)


def required(parent: etree._Element, tag: str, entry: str | None, name: str) -> Problems:
    """Yield a problem unless there is exactly one such element."""
    count = len(parent.findall(tag))
    if count != 1:
        yield ("once" if count else "required"), entry, f"there are {count} elements {name}"


def order(parent: etree._Element, tag: str) -> Problems:
    """Yield a problem if an element of the feed itself comes after the first entry."""
    tags = [child.tag for child in parent if isinstance(child.tag, str)]
    if tag in tags and set(tags[tags.index(tag) :]) != {tag}:
        yield "order", None, "an element of the feed comes after the first entry"


def everywhere(root: etree._Element, *, numbers: bool) -> Problems:
    """Yield problems with the characters, addresses, labels and languages of any element."""
    for element in _elements(root):
        yield from located(_element(element, numbers=numbers), element)


def _element(element: etree._Element, *, numbers: bool) -> Problems:
    name, attributes = _name(element), element.attrib
    yield from value.characters(element.text, None, name)
    for attribute, text in attributes.items():
        yield from value.characters(text, None, name)
        if attribute == "href":
            yield from value.web_address(text, None, f"href of {name}")
        elif attribute in ("scheme", "uri"):
            yield from value.uri(text, None, f"{attribute} of {name}")
        elif attribute == "label":
            yield from value.plain(text, None, f"label of {name}", numbers=numbers)
        elif attribute == LANG and text:
            yield from value.language(text, None, f"xml:lang of {name}")


def located(problems: Problems, element: etree._Element) -> Problems:
    """Yield problems with the id of the entry that contains the element; it is looked up only if needed."""
    for rule, _, text in problems:
        yield rule, _id_above(element), text


def _elements(root: etree._Element) -> Iterator[etree._Element]:
    return (element for element in root.iter() if isinstance(element.tag, str))


def _name(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _id(entry: etree._Element) -> str:
    return str(entry.findtext(f"{ATOM}id") or entry.findtext("guid") or f"at line {entry.sourceline}").strip()


def _id_above(element: etree._Element) -> str | None:
    for above in (element, *element.iterancestors()):
        if above.tag in (f"{ATOM}entry", "item"):
            return _id(above)
    return None

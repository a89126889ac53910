"""Rules a published feed must keep: those of the product, and what an independent HTML parser says."""

import re
from datetime import datetime

import html5lib
from lxml import etree

from sse_digest.feeds.validation.validate import check

ATOM = "{http://www.w3.org/2005/Atom}"
DC = "{http://purl.org/dc/elements/1.1/}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
URI = re.compile(r"[a-zA-Z][0-9a-zA-Z+.-]*:(?://)?(?:[0-9a-zA-Z;/?:@&=+$.\-_!~*'(),#]|%[0-9A-Fa-f]{2})+")


def parse(document: bytes) -> etree._Element:
    return etree.fromstring(document, etree.XMLParser(resolve_entities=False))


def atom_problems(document: bytes, *, now: datetime) -> list[str]:
    """Every rule an Atom document of ours breaks."""
    return _found(document, now)


def rss_problems(document: bytes, *, now: datetime) -> list[str]:
    """Every rule an RSS document of ours breaks."""
    return [*_found(document, now), *_html(parse(document))]


def json_problems(document: bytes, *, now: datetime) -> list[str]:
    """Every rule a JSON Feed of ours breaks."""
    return _found(document, now)


def _found(document: bytes, now: datetime) -> list[str]:
    return [str(finding) for finding in check("document", document, now=now, ours=True)]


def _html(root: etree._Element) -> list[str]:
    """Descriptions are HTML: browsers need not repair them."""
    problems = []
    for description in root.iterfind("channel/item/description"):
        try:
            html5lib.HTMLParser(strict=True).parseFragment(description.text)
        except html5lib.html5parser.ParseError as error:
            problems.append(f"description is no HTML: {error}")
    return problems

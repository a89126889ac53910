"""What a reader of an edition's HTML finds."""

from lxml.html import HtmlElement, document_fromstring

from sse_digest.digest.edition import Edition


def body_of(edition: Edition) -> HtmlElement:
    return document_fromstring(edition.html)


def shown(edition: Edition) -> list[tuple[str, list[str]]]:
    """The themes and the titles below each, as a reader of the HTML sees them; the top story's first."""
    sections: list[tuple[str, list[str]]] = []
    for heading in body_of(edition).iter("h2", "h3"):
        if heading.tag == "h2":
            sections.append((heading.text_content(), []))
        else:
            sections[-1][1].append(heading.text_content())
    return sections

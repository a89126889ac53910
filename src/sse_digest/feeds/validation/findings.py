"""Findings in a feed: which rule is broken, where, and how to fix it.

The severity and the fix of every rule are defined here; the modules `*_rules` find where it is broken.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How serious it is to break a rule."""

    ERROR = "error"  # the standard forbids it; some readers refuse the document
    WARNING = "warning"  # the standard allows it; some readers or validators have trouble with it
    HOUSE = "house"  # a rule of ours beyond the standard; not checked in feeds of others


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedFinding:
    """One place where a document breaks a rule."""

    document: str  # file name or address
    entry: str | None  # id of the entry; None for the feed itself
    rule: str  # key of RULES
    problem: str  # what was found

    @property
    def level(self) -> Severity:
        """How serious it is."""
        return RULES[self.rule][0]

    @property
    def fix(self) -> str:
        """How to fix it."""
        return RULES[self.rule][1]

    def __str__(self) -> str:
        where = f"{self.document}, entry {self.entry}" if self.entry else self.document
        return f"{where}: {self.problem} ({self.level}: {self.rule}). {self.fix}"


Problem = tuple[str, str | None, str]  # rule, entry, what was found
Problems = Iterator[Problem]

RULES: Mapping[str, tuple[Severity, str]] = {
    # every format
    "format": (Severity.ERROR, "Use Atom 1.0, RSS 2.0 or JSON Feed 1.1."),
    "well-formed": (Severity.ERROR, "Write it with a library that escapes text and declares its encoding."),
    "required": (Severity.ERROR, "Add the missing element."),
    "once": (Severity.ERROR, "Keep only one of them."),
    "unique-id": (Severity.ERROR, "Use a different id for every entry; readers show only one of the two."),
    "date": (
        Severity.ERROR,
        "Write dates as in RFC 3339, or in RSS as in RFC 5322.",
    ),
    "uri": (Severity.ERROR, "Percent-encode characters that a URI must not contain."),
    "address": (Severity.ERROR, "Write the full address, beginning with http or https."),
    "language": (Severity.ERROR, "Use a language tag such as en or fr-CA (BCP 47)."),
    "type": (Severity.ERROR, "Use the type that the format requires."),
    "links": (Severity.ERROR, "Keep only one link of each relation, type and language."),
    "order": (Severity.ERROR, "Move the feed's own elements before its first entry."),
    "self": (Severity.WARNING, "Add a rel=self link with the document's own address."),
    "plausible-date": (Severity.WARNING, "Correct the date or leave it out; never use a future date."),
    "unique-updated": (
        Severity.WARNING,
        "Use different fractions for entries of the same second.",
    ),
    "blank": (Severity.WARNING, "Write some text, or leave the element out."),
    "markup": (
        Severity.WARNING,
        "Declare the text as HTML, or escape it so that it cannot be mistaken for HTML.",
    ),
    "characters": (Severity.WARNING, "Remove control characters and correct the encoding of the text."),
    "active": (Severity.WARNING, "Remove scripts, frames and styles; readers remove them in different ways."),
    "summary": (Severity.WARNING, "Add a summary or content to every entry."),
    # Atom
    "grammar": (Severity.ERROR, "Compare the document with RFC 4287, section 4."),
    "author": (Severity.ERROR, "Add an author to the feed or to each entry (RFC 4287, section 4.1.1)."),
    "alternate": (Severity.ERROR, "Add an alternate link to every entry without content."),
    # our own rules beyond the standards
    "house-id": (Severity.HOUSE, "Use tag: URIs, which stay the same when addresses change."),
    "house-language": (Severity.HOUSE, "Set the language of every entry, or und if it is unknown."),
    "house-newest": (Severity.HOUSE, "Use the date of the newest entry as the date of the feed."),
    "house-numbers": (
        Severity.HOUSE,
        "Write & and < as numeric references, never mistaken for HTML.",
    ),
    "house-parts": (Severity.HOUSE, "Add the element; all our documents have it."),
    # across documents and generations
    "same-ids": (Severity.HOUSE, "Write all formats from the same items."),
    "id-lost": (
        Severity.HOUSE,
        "Readers would see old news as new. Restore the right database, or publish --accept-changed-ids.",
    ),
    "id-of-feed": (
        Severity.HOUSE,
        "The feed's id must never change. Restore the database, or publish --accept-changed-ids.",
    ),
    "updated-back": (
        Severity.HOUSE,
        "An entry's `updated` must never go back. Check the clock of this machine.",
    ),
    "chain": (Severity.HOUSE, "Publish every document that an archive or feed links to (RFC 5005)."),
}


def found(document: str, problems: Iterable[Problem]) -> tuple[FeedFinding, ...]:
    """Return the findings for a document's problems, without duplicates."""
    return tuple(
        FeedFinding(document=document, entry=entry, rule=rule, problem=problem)
        for rule, entry, problem in dict.fromkeys(problems)
    )

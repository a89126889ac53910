"""What the rules find in a feed: which rule is broken, where, and how it is put right.

Every rule has its level and its fix here, once; the modules `rules_*` only say where it is broken.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a broken rule matters."""

    ERROR = "error"  # the standard forbids it; some reader refuses the document
    WARNING = "warning"  # allowed, yet readers or validators stumble
    HOUSE = "house"  # we promise more than the standard asks; not looked for in feeds of others


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedFinding:
    """One place where a document breaks a rule."""

    document: str  # file name or address
    entry: str | None  # id of the entry; None: the feed itself
    rule: str  # key of RULES
    problem: str  # what was found

    @property
    def level(self) -> Severity:
        """How much it matters."""
        return RULES[self.rule][0]

    @property
    def fix(self) -> str:
        """What to do about it."""
        return RULES[self.rule][1]

    def __str__(self) -> str:
        where = f"{self.document}, entry {self.entry}" if self.entry else self.document
        return f"{where}: {self.problem} ({self.level}: {self.rule}). {self.fix}"


Problem = tuple[str, str | None, str]  # rule, entry, what was found
Problems = Iterator[Problem]

RULES: Mapping[str, tuple[Severity, str]] = {
    # every format
    "format": (Severity.ERROR, "Publish Atom 1.0, RSS 2.0 or JSON Feed 1.1."),
    "well-formed": (Severity.ERROR, "Write it with a library that escapes text and declares its encoding."),
    "required": (Severity.ERROR, "Add what is missing."),
    "once": (Severity.ERROR, "Keep one of them."),
    "unique-id": (Severity.ERROR, "Give every entry an id of its own; readers show only one of the two."),
    "date": (
        Severity.ERROR,
        "Write the instant as the format asks: RFC 3339; in RSS as mails do (RFC 5322).",
    ),
    "uri": (Severity.ERROR, "Percent-encode what may not stand in a URI."),
    "address": (Severity.ERROR, "Write the whole address, with http or https."),
    "language": (Severity.ERROR, "Write a language tag such as en or fr-CA (BCP 47)."),
    "type": (Severity.ERROR, "Write the value in the type that the format asks for."),
    "links": (Severity.ERROR, "Keep one link of each relation, type and language."),
    "order": (Severity.ERROR, "Write what concerns the feed before its first entry."),
    "self": (Severity.WARNING, "Add a link to the document itself, with rel=self."),
    "plausible-date": (Severity.WARNING, "Leave a date out that cannot be right; never write one to come."),
    "unique-updated": (Severity.WARNING, "Give entries of one moment different fractions of a second."),
    "blank": (Severity.WARNING, "Write some text, or leave the element out."),
    "markup": (
        Severity.WARNING,
        "Say that the text is HTML, or write it so that it cannot be taken for HTML.",
    ),
    "characters": (Severity.WARNING, "Remove control characters and repair text in the wrong encoding."),
    "active": (Severity.WARNING, "Take out what runs, frames or styles; readers do, each in its own way."),
    "summary": (Severity.WARNING, "Give every entry a summary or a content."),
    # Atom
    "grammar": (Severity.ERROR, "Compare the document with RFC 4287, section 4."),
    "author": (Severity.ERROR, "Name an author for the feed or for each entry (RFC 4287, section 4.1.1)."),
    "alternate": (Severity.ERROR, "Give an entry without content one alternate link."),
    # what we promise beyond the standards
    "house-id": (Severity.HOUSE, "Mint tag: URIs, which survive every move."),
    "house-language": (Severity.HOUSE, "Say the language of every entry, or und."),
    "house-newest": (Severity.HOUSE, "Date the feed by its newest entry."),
    "house-numbers": (Severity.HOUSE, "Write & and < as numbers, which no reader takes for HTML."),
    "house-parts": (Severity.HOUSE, "Write what all our documents hold."),
    # across documents and generations
    "same-ids": (Severity.HOUSE, "Write every format from the same items."),
    "id-lost": (
        Severity.HOUSE,
        "Readers would see old news anew. Restore the right database, or publish --accept-changed-ids.",
    ),
    "id-of-feed": (
        Severity.HOUSE,
        "The feed's id must never change. Restore the database, or publish --accept-changed-ids.",
    ),
    "updated-back": (
        Severity.HOUSE,
        "An entry's `updated` must never go back. Look at the clock of this machine.",
    ),
    "chain": (Severity.HOUSE, "Publish every archive document that another one names (RFC 5005)."),
}


def found(document: str, problems: Iterable[Problem]) -> tuple[FeedFinding, ...]:
    """Name the document that problems are in; the same problem twice is one finding."""
    return tuple(
        FeedFinding(document=document, entry=entry, rule=rule, problem=problem)
        for rule, entry, problem in dict.fromkeys(problems)
    )

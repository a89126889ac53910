"""Made-up listings in every shape we know, each with the items a person reads in it.

A file of `pages/` holds the listing, a line of four equals signs, and the expected items: blocks of
`field: value`, the page's language first. A date is `as written = 2021-03-04`, `= 2021-03` where only
the month is known, and nothing where no day can be told.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sse_digest.model.items import Precision, ReadItem

FOLDER = Path(__file__).with_name("pages")


@dataclass(frozen=True, slots=True)
class Listing:
    name: str
    text: str
    language: str
    items: tuple[ReadItem, ...]


def load_listings() -> tuple[Listing, ...]:
    return tuple(map(_load, sorted(FOLDER.glob("*.page"))))


def _load(path: Path) -> Listing:
    text, _, expected = path.read_text(encoding="utf-8").partition("\n====\n")
    head, *blocks = expected.strip().split("\n\n")
    language = head.removeprefix("language: ")
    return Listing(path.stem, text, language, tuple(_item(block, language) for block in blocks))


def _item(block: str, language: str) -> ReadItem:
    fields = dict(line.split(": ", 1) for line in block.splitlines())
    words, _, day = fields.get("date", "").partition(" = ")
    return ReadItem(
        section=fields.get("section"),
        credit=fields.get("credit"),
        kicker=fields.get("kicker"),
        title=fields.get("title"),
        published=date.fromisoformat(f"{day}-01"[:10]) if day else None,
        precision={0: Precision.NONE, 7: Precision.MONTH, 10: Precision.DAY}[len(day)],
        date_text=words or None,
        place=fields.get("place"),
        summary=fields.get("summary"),
        language=fields.get("language", language),
    )

"""Read a table: CSV as spreadsheets save it (RFC 4180), one item per row, column names in the first row."""

import csv
import io
from collections.abc import Iterator, Sequence

from sse_digest.errors import SourceError
from sse_digest.model.items import Reading
from sse_digest.sources.kinds.records import NAMES, field_of, fields_of, read_record
from sse_digest.sources.options import SourceOptions
from sse_digest.sources.page import Page, decode_utf8
from sse_digest.sources.text.dates import numeric_order
from sse_digest.sources.text.language import primary_tag, tell_language

MAX_ROWS = 20_000
BODY = "body"
"""The column with the item's body, in HTML."""

_SEPARATORS = ",;\t"


def read_page(page: Page, options: SourceOptions) -> Reading:
    """Read the page of a source of kind `table`.

    Raises:
        SourceError: the page is not text or not CSV, or its first row names neither a title nor a summary.
    """
    head, *rows = _rows(decode_utf8(page), page.place)
    if not {"title", "summary"} & {field_of(name) for name in head}:
        raise SourceError(
            f"{page.place} has no items: its first row names neither a column “title” nor “summary”. "
            f"Name the columns in the first row. The names are: {', '.join((*NAMES, BODY))}."
        )
    body_at = next((at for at, name in enumerate(head) if name.strip().lower() == BODY), None)
    rows = [row for row in rows if any(map(str.strip, row))]
    records = [fields_of(zip(head, row, strict=False)) for row in rows]
    order = numeric_order(record["date"] for record in records if "date" in record)
    expected = primary_tag(options.language) or tell_language(
        " ".join(record.get("title", record.get("summary", "")) for record in records)
    )
    base = page.url or options.url or ""
    items, warnings = [], []
    for number, (row, record) in enumerate(zip(rows, records[:MAX_ROWS], strict=False), start=1):
        html = row[body_at] if body_at is not None and body_at < len(row) else None
        item = read_record(record, base=base, language=expected, order=order, html=html)
        if item is None:
            warnings.append(f"record {number} has neither a title nor a summary and was left out")
        else:
            items.append(item)
    if len(records) > MAX_ROWS:
        warnings.append(f"only the first {MAX_ROWS} of {len(records)} records were read")
    return Reading(items=tuple(items), warnings=tuple(warnings), language=expected)


def _rows(text: str, place: str) -> Sequence[Sequence[str]]:
    text = text.lstrip("\ufeff")
    first = text.partition("\n")[0]
    separator = max(_SEPARATORS, key=first.count)
    try:
        return list(_parsed(text, separator)) or [[]]
    except csv.Error as error:
        raise SourceError(f"{place} cannot be read as a table ({error}). Save it again as CSV.") from error


def _parsed(text: str, separator: str) -> Iterator[Sequence[str]]:
    return iter(csv.reader(io.StringIO(text, newline=""), delimiter=separator))

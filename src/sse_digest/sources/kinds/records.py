"""Make a read item from named fields: a row of a table, or the head of a note. Pure."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from sse_digest.model.items import ReadItem, shorten
from sse_digest.sources.html.fragments import body_html
from sse_digest.sources.html.images import alt_text
from sse_digest.sources.text.dates import DateOrder, ReadDate
from sse_digest.sources.text.language import judge_language, primary_tag
from sse_digest.sources.text.line_types import is_credit
from sse_digest.sources.text.plain_text import plain_text
from sse_digest.sources.text.timestamps import exact_time, read_instant
from sse_digest.sources.text.urls import absolute

NAMES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "id": ("id", "guid", "key", "slug"),
        "title": ("title", "headline", "heading"),
        "link": ("link", "url", "permalink"),
        "date": ("date", "published", "pubdate", "day"),
        "summary": ("summary", "description", "abstract", "text"),
        "kicker": ("kicker", "label", "category", "type"),
        "credit": ("credit", "image_credit", "copyright"),
        "image": ("image", "image_url", "picture"),
        "image_alt": ("image_alt", "alt"),
        "language": ("language", "lang"),
        "place": ("place", "location"),
        "section": ("section",),
    }
)
"""The fields of an item, with the names that each may have."""

MAX_TITLE = 1000
MAX_SUMMARY = 5000
_FIELDS: Mapping[str, str] = {name: field for field, names in NAMES.items() for name in names}


def field_of(name: str) -> str | None:
    """Return the field that a name means, in any case, or None if it means none."""
    return _FIELDS.get(name.strip().lower().replace(" ", "_").replace("-", "_"))


def fields_of(given: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the non-empty fields; if a field has several names, the first one counts."""
    fields: dict[str, str] = {}
    for name, value in given:
        field, text = field_of(name), plain_text(value)
        if field and text:
            fields.setdefault(field, text)
    return fields


def read_record(
    fields: Mapping[str, str],
    *,
    base: str,
    language: str | None,
    order: DateOrder | None,
    html: str | None = None,
) -> ReadItem | None:
    """Return the item of a record, or None if it has neither a title nor a summary, or its title is too long.

    Args:
        fields: plain texts by the keys of `NAMES`.
        base: the address that relative links refer to; "": only absolute addresses are links.
        language: the expected language, for records that neither state nor show theirs.
        order: of numeric dates.
        html: the body in HTML as the source has it, or None.
    """
    title, summary = fields.get("title"), fields.get("summary")
    if not (title or summary) or len(title or "") > MAX_TITLE:
        return None
    words, credit = fields.get("date"), fields.get("credit")
    day = read_instant(words, order=order) if words else None
    warning = day.warning if day else f"“{shorten(words, 60)}” is not a date" if words else "no date"
    found = day or ReadDate()
    expected = primary_tag(fields.get("language")) or primary_tag(language)
    image = absolute(fields.get("image"), base)
    guess = judge_language(" ".join(filter(None, (title, summary))), prior=expected)
    return ReadItem(
        section=fields.get("section"),
        credit=credit and (credit if is_credit(credit) else f"© {credit}"),
        kicker=fields.get("kicker"),
        title=title,
        published=found.published,
        precision=found.precision,
        date_text=words,
        place=fields.get("place") or found.place,
        summary=summary and shorten(summary, MAX_SUMMARY),
        language=guess.tag,
        link=absolute(fields.get("link"), base),
        source_item_id=fields.get("id"),
        image_url=image,
        image_alt=alt_text(fields.get("image_alt")) if image else None,
        body=body_html(html, base),
        published_at=exact_time(words, found),
        warnings=(warning,) if warning else (),
        how=f"the fields {', '.join(fields)}; language by {guess.rule}",
    )

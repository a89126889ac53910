"""From what a feed says of one entry to a read item; the same for every format of feed. Pure.

A feed of ours is known by its generator and read back to the item it was made from: what we put before the
text, or in place of a title or link, is taken away again.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from sse_digest.model.items import Precision, ReadItem, shorten
from sse_digest.sources.html.fragments import body_html
from sse_digest.sources.html.images import alt_text, picture_of_html
from sse_digest.sources.text.dates import DateOrder, ReadDate, read_date
from sse_digest.sources.text.language import LANGUAGES, LanguageGuess, judge_language, primary_tag
from sse_digest.sources.text.line_types import is_credit
from sse_digest.sources.text.plain_text import plain_text
from sse_digest.sources.text.timestamps import exact_time, read_instant
from sse_digest.sources.text.urls import absolute

GENERATOR = "sse-digest"
MAX_SUMMARY = 5000
"""Characters; where a feed carries whole texts, their beginning is the summary."""

_MAX_TITLE = 1000
_MAX_ID = 1000  # a longer id identifies nothing
_OWN_PLACE = re.compile(r"#item-[a-z2-7]{26}$")
_OWN_TITLE = 80  # characters our feeds make a title of, where an item has none
_UNTOLD = "und"  # BCP 47: undetermined
_DASH = " — "


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEntry:
    """One entry, its texts already plain."""

    id: str | None = None
    title: str | None = None
    text: str | None = None
    link: str | None = None  # as written
    published: str | None = None  # raw
    changed: str | None = None  # raw; used where there is no `published`
    language: str | None = None
    credit: str | None = None
    image_url: str | None = None  # as written
    image_alt: str | None = None
    html: str | None = None  # the whole text, as written
    kicker: str | None = None
    date_text: str | None = None  # the publisher's own words, where a feed of ours carries them


def read_entry(
    entry: FeedEntry, *, base: str, language: str | None, order: DateOrder | None, ours: bool
) -> ReadItem | None:
    """Make the item of an entry; None if it has neither a title nor a text.

    Args:
        entry: as the feed has it.
        base: the feed's address, to which links are relative.
        language: the feed's, for entries that say none.
        order: of the feed's numeric dates.
        ours: whether this program wrote the feed.
    """
    title, text = entry.title or None, entry.text or None
    day, date_text, warnings = _day(entry, order, ours=ours)
    if ours:
        title, text, said = _taken_back(title, text, day)
        if said is not None:
            day, date_text, warnings = said[0], said[1], ()
    if text == title:
        text = None
    if not (title or text) or len(title or "") > _MAX_TITLE:
        return None
    link = absolute(entry.link, base)
    if ours and link and _OWN_PLACE.search(link):
        link = None
    body, told = body_html(entry.html, link or base), _language(entry, title, text, language)
    image, alt = absolute(entry.image_url, base), alt_text(entry.image_alt)
    if image is None and (picture := picture_of_html(body, base)) is not None:
        image, alt = picture.url, picture.alt
    return ReadItem(
        title=title,
        summary=text and shorten(text, MAX_SUMMARY),
        kicker=entry.kicker or None,
        credit=_credit(entry.credit),
        published=day.published,
        precision=day.precision,
        date_text=entry.date_text or date_text,
        place=day.place,
        language=told.tag,
        link=link,
        image_url=image,
        image_alt=alt if image else None,
        body=body,
        published_at=exact_time(entry.published, day),
        source_item_id=entry.id if entry.id and len(entry.id) <= _MAX_ID else None,
        warnings=warnings,
        how=f"an entry of the feed; language by {told.rule}",
    )


def said_dates(entries: Iterable[FeedEntry]) -> Iterable[str]:
    """Return the raw dates of all entries, from which the order of numeric ones is told."""
    return (raw for entry in entries for raw in (entry.published, entry.changed) if raw)


def _day(
    entry: FeedEntry, order: DateOrder | None, *, ours: bool
) -> tuple[ReadDate, str | None, tuple[str, ...]]:
    raw, stands_in = plain_text(entry.published or ""), False
    if not raw and not ours:
        raw, stands_in = plain_text(entry.changed or ""), True
    if not raw:
        return ReadDate(), None, () if ours else ("no date",)
    read = read_instant(raw, order=order)
    if read is None:
        return ReadDate(), raw, (f"“{shorten(raw, 60)}” is not a date",)
    if stands_in and read.published is not None:
        return read, raw, ("the feed states no date of publication; the date of the last change was used",)
    return read, raw, (read.warning,) if read.warning else ()


def _taken_back(
    title: str | None, text: str | None, day: ReadDate
) -> tuple[str | None, str | None, tuple[ReadDate, str] | None]:
    """Undo what our feeds do to an item: words of a date before the text, a title where there is none.

    They write such words only where the instant does not say the same day.
    """
    said = None
    head, dash, rest = (text or "").partition(_DASH)
    told = read_date(head) if head else None
    is_said = told is not None and told.precision is Precision.DAY and told.published == day.published
    if told is not None and not is_said and (dash or head == text):
        said, text = (told, head), rest or None
    if title and text and title == shorten(text, _OWN_TITLE) and (title != text or title.endswith(".")):
        return None, text, said
    return title, text, said


def _credit(text: str | None) -> str | None:
    words = plain_text(text or "")
    if not words:
        return None
    return words if is_credit(words) else f"© {words}"


def _language(entry: FeedEntry, title: str | None, text: str | None, language: str | None) -> LanguageGuess:
    """Return the language: a stated one is expected, and settles it where the text cannot be judged."""
    stated = primary_tag(entry.language)
    expected = None if stated == _UNTOLD else stated or primary_tag(language)
    if stated and stated != _UNTOLD and stated not in LANGUAGES:
        return LanguageGuess(stated, "what the feed says")
    return judge_language(" ".join(filter(None, (title, text))), prior=expected)

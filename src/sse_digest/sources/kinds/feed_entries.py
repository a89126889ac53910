"""Make a read item from a feed's entry, in the same way for every format of feed. Pure.

The feeds of this program are recognised by their generator. From them the original item is restored: what was
added before the text, or in place of a title or link, is removed again.
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
"""Characters; if a feed has whole texts, their beginning is the summary."""

_MAX_TITLE = 1000
_MAX_ID = 1000  # characters; a longer id is ignored
_OWN_PLACE = re.compile(r"#item-[a-z2-7]{26}$")
_OWN_TITLE = 80  # characters of the text that our feeds use as the title of an item without one
_UNDETERMINED = "und"  # BCP 47
_DASH = " — "


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEntry:
    """One entry, with plain texts."""

    id: str | None = None
    title: str | None = None
    text: str | None = None
    link: str | None = None  # as written
    published: str | None = None  # raw
    changed: str | None = None  # raw; used if there is no `published`
    language: str | None = None
    credit: str | None = None
    image_url: str | None = None  # as written
    image_alt: str | None = None
    html: str | None = None  # the body, as written
    kicker: str | None = None
    date_text: str | None = None  # the date in the publisher's words, which feeds of ours may contain


def read_entry(
    entry: FeedEntry, *, base: str, language: str | None, order: DateOrder | None, ours: bool
) -> ReadItem | None:
    """Return the item of an entry, or None if it has neither a title nor a text, or its title is too long.

    Args:
        entry: from the feed.
        base: the feed's address, which relative links refer to.
        language: of the feed, for entries that do not state theirs.
        order: of the feed's numeric dates.
        ours: whether this program wrote the feed.
    """
    title, text = entry.title or None, entry.text or None
    day, date_text, warnings = _day(entry, order, ours=ours)
    if ours:
        title, text, stated = _restored(title, text, day)
        if stated is not None:
            day, date_text, warnings = stated[0], stated[1], ()
    if text == title:
        text = None
    if not (title or text) or len(title or "") > _MAX_TITLE:
        return None
    link = absolute(entry.link, base)
    if ours and link and _OWN_PLACE.search(link):
        link = None
    body, guess = body_html(entry.html, link or base), _language(entry, title, text, language)
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
        language=guess.tag,
        link=link,
        image_url=image,
        image_alt=alt if image else None,
        body=body,
        published_at=exact_time(entry.published, day),
        source_item_id=entry.id if entry.id and len(entry.id) <= _MAX_ID else None,
        warnings=warnings,
        how=f"an entry of the feed; language by {guess.rule}",
    )


def said_dates(entries: Iterable[FeedEntry]) -> Iterable[str]:
    """Return the raw dates of all entries, from which `numeric_order` finds the order of numeric dates."""
    return (raw for entry in entries for raw in (entry.published, entry.changed) if raw)


def _day(
    entry: FeedEntry, order: DateOrder | None, *, ours: bool
) -> tuple[ReadDate, str | None, tuple[str, ...]]:
    raw, is_of_change = plain_text(entry.published or ""), False
    if not raw and not ours:
        raw, is_of_change = plain_text(entry.changed or ""), True
    if not raw:
        return ReadDate(), None, () if ours else ("no date",)
    read = read_instant(raw, order=order)
    if read is None:
        return ReadDate(), raw, (f"“{shorten(raw, 60)}” is not a date",)
    if is_of_change and read.published is not None:
        return read, raw, ("the feed states no date of publication; the date of the last change was used",)
    return read, raw, (read.warning,) if read.warning else ()


def _restored(
    title: str | None, text: str | None, day: ReadDate
) -> tuple[str | None, str | None, tuple[ReadDate, str] | None]:
    """Return title and text as they were before our feed changed them, and the date in words with its text.

    Our feeds write a date in words before the text if the instant does not give the same day, and make a
    title of the text for an item without one.
    """
    stated = None
    head, dash, rest = (text or "").partition(_DASH)
    read = read_date(head) if head else None
    is_same_day = read is not None and read.precision is Precision.DAY and read.published == day.published
    if read is not None and not is_same_day and (dash or head == text):
        stated, text = (read, head), rest or None
    if title and text and title == shorten(text, _OWN_TITLE) and (title != text or title.endswith(".")):
        return None, text, stated
    return title, text, stated


def _credit(text: str | None) -> str | None:
    words = plain_text(text or "")
    if not words:
        return None
    return words if is_credit(words) else f"© {words}"


def _language(entry: FeedEntry, title: str | None, text: str | None, language: str | None) -> LanguageGuess:
    """Return the language as detected from the text, or as the feed states it if it cannot be detected."""
    stated = primary_tag(entry.language)
    expected = None if stated == _UNDETERMINED else stated or primary_tag(language)
    if stated and stated != _UNDETERMINED and stated not in LANGUAGES:
        return LanguageGuess(stated, "what the feed states")
    return judge_language(" ".join(filter(None, (title, text))), prior=expected)

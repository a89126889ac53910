"""What a read item makes of a stored one: a new item, the same, or one that changed. Pure; stores nothing.

What a source does not say any more is kept, and so is the rest of a text that it cuts short: a field that is
lost is more often a page that was misread than news taken back. What an editor set is never touched.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from sse_digest.model.items import Item, Precision, ReadItem, ThemeDecision
from sse_digest.model.significant_change import (
    is_cut_off,
    is_significant,
    same_picture,
    same_text,
    same_words,
)
from sse_digest.model.theme_rules import ThemeRules
from sse_digest.model.themes import decide
from sse_digest.sources.text.urls import canonical
from sse_digest.store.news.items import ItemKeys

_TEXTS = ("title", "summary", "kicker", "credit", "section")


def new_item(
    read: ReadItem, item_id: str, *, group: str, source: str, now: datetime, rules: ThemeRules
) -> Item:
    """Make the item that is stored at first sight."""
    return Item(
        id=item_id,
        source=source,
        link=read.link,
        title=read.title,
        summary=read.summary,
        kicker=read.kicker,
        credit=read.credit,
        section=read.section,
        place=read.place,
        language=read.language,
        published=read.published,
        precision=read.precision,
        date_text=read.date_text,
        image_url=read.image_url,
        image_alt=read.image_alt,
        body=read.body,
        published_at=read.published_at,
        first_seen=now,
        updated=now,
        group=group,
        decision=_decide(read, rules),
    )


def revised(
    old: Item, read: ReadItem, *, now: datetime, rules: ThemeRules, held: Collection[str] = ()
) -> Item:
    """Return what `old` becomes when its source says `read`; `old` itself where nothing really changed.

    `updated` becomes `now` only if title or summary got other words, or text or image were replaced. Date,
    link, kicker, credit and the like are corrected quietly, and never by a difference that is whitespace,
    entities or the year of a credit. `held` are fields that the item's own page gave: a listing leaves them.
    """
    kept = {*old.edited, *held}
    texts = {
        field: said
        for field in _TEXTS
        if field not in kept
        and (said := getattr(read, field)) is not None
        and not same_words(getattr(old, field), said)
        and not is_cut_off(getattr(old, field), said)
    }
    new = replace(old, **texts)
    if "published" not in kept:
        new = _with_date(new, read)
    if "link" not in kept:
        new = _with_link(new, read)
    if "image_url" not in kept:
        new = _with_image(new, read)
    if "body" not in kept and read.body is not None and not same_text(old.body, read.body):
        new = replace(new, body=read.body)
    significant = is_significant(old, new)
    if read.language and (significant or old.language is None):
        new = replace(new, language=read.language)
    if significant:
        new = replace(new, updated=now)
    words = ("title", "summary", "kicker", "language")
    if "themes" not in old.edited and any(getattr(old, field) != getattr(new, field) for field in words):
        new = replace(new, decision=_decide(new, rules))
    return new


def revised_keys(old: ItemKeys, seen: ItemKeys) -> ItemKeys:
    """Return the keys of an item after a reading; what the reading does not have is kept."""
    return ItemKeys(
        source_item_id=seen.source_item_id or old.source_item_id,
        canonical=seen.canonical or old.canonical,
        link_number=seen.link_number or old.link_number,
        heading=old.heading if same_words(old.heading, seen.heading) else seen.heading,
        day=old.day if _says_less(seen.day or "", old.day or "") else seen.day,
    )


def _says_less(day: str, known: str) -> bool:
    """Return whether a list says less of a day than it once did: nothing, or the month only."""
    (precision, said), (was, before) = (text.partition(" ")[::2] for text in (day, known))
    if precision == Precision.NONE:
        return was in {Precision.DAY, Precision.MONTH}
    return precision == Precision.MONTH and was == Precision.DAY and said[:7] == before[:7]


def _decide(item: Item | ReadItem, rules: ThemeRules) -> ThemeDecision:
    return decide(rules, title=item.title, kicker=item.kicker, summary=item.summary, language=item.language)


def _with_date(item: Item, read: ReadItem) -> Item:
    """Correct the date as the source did; a reading that says less than is known corrects nothing."""
    if read.published is None and item.published is not None:
        return item
    if item.precision is Precision.DAY and read.precision is Precision.MONTH and _is_same_month(item, read):
        return item
    kept = item.published_at if read.published == item.published else None
    new = replace(
        item,
        published=read.published,
        published_at=read.published_at or kept,
        precision=read.precision,
        place=read.place or item.place,
    )
    if read.date_text is None or same_words(item.date_text, read.date_text):
        return new
    return replace(new, date_text=read.date_text)


def _is_same_month(item: Item, read: ReadItem) -> bool:
    return f"{item.published:%Y-%m}" == f"{read.published:%Y-%m}"


def _with_link(item: Item, read: ReadItem) -> Item:
    """Take the link where it leads to another page; other hosts and schemes of one page are the same."""
    if read.link is None or canonical(read.link) == canonical(item.link):
        return item
    return replace(item, link=read.link)


def _with_image(item: Item, read: ReadItem) -> Item:
    """Take another image, and its words; another address of the same one would only make feeds change."""
    if read.image_url is None:
        return item
    if not same_picture(item.image_url, read.image_url):
        return replace(item, image_url=read.image_url, image_alt=read.image_alt)
    if read.image_alt is None or same_words(item.image_alt, read.image_alt):
        return item
    return replace(item, image_alt=read.image_alt)

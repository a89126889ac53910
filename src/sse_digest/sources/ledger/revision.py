"""Make the stored item from a read one: a new item, an unchanged one, or one that changed. Pure.

A field that a source no longer has is kept, and so is a text that is now cut off: in most cases the page was
misread and the publisher did not withdraw the text. A field that an editor set is never changed.
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
    """Return the item to store when a source gives it for the first time."""
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
    """Return the stored item `old` after its source gave `read`; `old` itself if nothing really changed.

    `updated` becomes `now` only if the words of title or summary changed, or text or image were replaced.
    Corrections of other fields, such as date, link, kicker and credit, do not change it. Differences only in
    whitespace, entities or the year of a credit change nothing.

    Args:
        old: the stored item.
        read: the item in the new reading of the listing.
        now: when the listing was read.
        rules: by which a changed item gets its themes.
        held: names of fields from the item's own page, which a listing does not change.
    """
    kept = {*old.edited, *held}
    texts = {
        field: text
        for field in _TEXTS
        if field not in kept
        and (text := getattr(read, field)) is not None
        and not same_words(getattr(old, field), text)
        and not is_cut_off(getattr(old, field), text)
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
    """Return the keys of an item after a reading; keys that the reading does not have are kept."""
    return ItemKeys(
        source_item_id=seen.source_item_id or old.source_item_id,
        canonical=seen.canonical or old.canonical,
        link_number=seen.link_number or old.link_number,
        heading=old.heading if same_words(old.heading, seen.heading) else seen.heading,
        day=old.day if _says_less(seen.day or "", old.day or "") else seen.day,
    )


def _says_less(day: str, known: str) -> bool:
    """Return whether a list gives less of a day than before: nothing, or only the month."""
    (precision, now), (was, before) = (text.partition(" ")[::2] for text in (day, known))
    if precision == Precision.NONE:
        return was in {Precision.DAY, Precision.MONTH}
    return precision == Precision.MONTH and was == Precision.DAY and now[:7] == before[:7]


def _decide(item: Item | ReadItem, rules: ThemeRules) -> ThemeDecision:
    return decide(rules, title=item.title, kicker=item.kicker, summary=item.summary, language=item.language)


def _with_date(item: Item, read: ReadItem) -> Item:
    """Return the item with the date of the reading, unless that is less precise than the known date."""
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
    """Return the item with the link of the reading, unless both links have the same canonical address."""
    if read.link is None or canonical(read.link) == canonical(item.link):
        return item
    return replace(item, link=read.link)


def _with_image(item: Item, read: ReadItem) -> Item:
    """Return the item with the image of the reading; another address of the same image is ignored."""
    if read.image_url is None:
        return item
    if not same_picture(item.image_url, read.image_url):
        return replace(item, image_url=read.image_url, image_alt=read.image_alt)
    if read.image_alt is None or same_words(item.image_alt, read.image_alt):
        return item
    return replace(item, image_alt=read.image_alt)

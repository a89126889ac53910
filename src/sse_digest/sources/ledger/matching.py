"""Which stored item a read item is: matching, ids and groups of translations. Pure; decides, stores nothing.

The order of the evidence is fixed: the source's own id, the folded address, the publisher's number in the
link, then day and title. Matching is one to one, best first. What a source says just as it did the last time
is what it was then, so that no page read twice adds anything.
"""

import base64
import hashlib
from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import TypeVar

from sse_digest.model.items import ReadItem
from sse_digest.model.significant_change import same_words
from sse_digest.model.tag_uri import item_of
from sse_digest.sources.text.title_similarity import fold_title, likeness, replaced_words
from sse_digest.sources.text.urls import canonical, link_number
from sse_digest.store.news.items import ItemKeys, KnownItem

K = TypeVar("K")

_ID_LENGTH = 26  # letters; 130 bits of the hash
_PAIRS = 20_000  # compared within one day, address or number; beyond it only equal headings match


class MatchReason(StrEnum):
    """What made a read item the same as a stored one."""

    SAID = "entry"  # its source says of it, word for word, what it said the last time
    OUR_ID = "our id"  # a feed of ours was read: its ids are those of stored items
    SOURCE_ID = "source id"  # the source's own id is the same
    ADDRESS = "address"  # both links fold to one
    NUMBER = "number"  # the publisher's number, and the language or a near-equal title
    TITLE = "title"  # the same day and a near-equal title


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemMatch:
    """A read item and the stored item that it is."""

    read: ReadItem
    known: KnownItem | None  # None: it is new
    reason: MatchReason | None  # None: it is new


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    item: ReadItem
    keys: ItemKeys


def heading(item: ReadItem) -> str | None:
    """Return the title, else the summary, or None if there is nothing that could be news."""
    return item.title or item.summary


def keys_of(item: ReadItem) -> ItemKeys:
    """Return what identifies a read item."""
    return ItemKeys(
        source_item_id=item.source_item_id,
        canonical=canonical(item.link),
        link_number=link_number(item.link),
        heading=heading(item) or "",
        day=day_of(item),
    )


def day_of(item: ReadItem) -> str:
    """Return a key for the day a list gives; without a date, the words in its place."""
    said = item.date_text or "" if item.published is None else item.published.isoformat()
    return f"{item.precision.value} {said}"


def without_doubles(items: Iterable[ReadItem]) -> tuple[ReadItem, ...]:
    """Keep the first of items that are equal in all fields; the place on the page and the image are none."""
    firsts: dict[ReadItem, ReadItem] = {}
    for item in items:
        firsts.setdefault(_bare(item), item)
    return tuple(firsts.values())


def said_of(item: ReadItem) -> str:
    """Return a hash of what a source says of an item; two are equal where `without_doubles` keeps one."""
    return hashlib.sha256(repr(_bare(item)).encode("utf-8", "surrogatepass")).hexdigest()


def _bare(item: ReadItem) -> ReadItem:
    return replace(item, section=None, warnings=(), image_url=None, image_alt=None)


def match(
    items: Sequence[ReadItem],
    known: Iterable[KnownItem],
    *,
    source: str,
    said_last: Mapping[str, str] = MappingProxyType({}),
) -> tuple[ItemMatch, ...]:
    """Find the stored item of each read item.

    Args:
        items: of one reading, doubles taken out.
        known: every stored item, of whatever source.
        source: name of the source that was read; its own ids mean nothing for other sources.
        said_last: `said_of` what the source said when it was last read, to the id of the item it said it of.

    Returns:
        One match for each of `items`, in their order. No stored item is in two of them.
    """
    left = {number: _Candidate(item=item, keys=keys_of(item)) for number, item in enumerate(items)}
    free = {item.id: item for item in known}
    found: dict[int, tuple[KnownItem, MatchReason]] = {}
    for number, item in enumerate(items):
        same = free.pop(said_last.get(said_of(item), ""), None)
        if same is not None:
            found[number] = (same, MatchReason.SAID)
            del left[number]
    for reason, read_key, known_key, accepts in _STAGES:
        reads = _grouped((number, read_key(candidate, source)) for number, candidate in left.items())
        knowns = _grouped((key, known_key(item)) for key, item in free.items())
        for value, numbers in reads.items():
            if value not in knowns:
                continue
            paired = _pair([(n, left[n]) for n in numbers], [free[i] for i in knowns[value]], accepts)
            for number, key in paired.items():
                found[number] = (free.pop(key), reason)
                del left[number]
    matches = []
    for number, item in enumerate(items):
        stored, why = found.get(number, (None, None))
        matches.append(ItemMatch(read=item, known=stored, reason=why))
    return tuple(matches)


def mint_id(item: ReadItem, *, source: str, taken: Collection[str]) -> str:
    """Make the id of a new item from what identifies it now; what it becomes later does not matter.

    The year in an image credit is no part of it. If two items are identified alike, the title joins in, then
    a count, so that the same items in the same order get the same ids on every machine.
    """
    keys = keys_of(item)
    day = f"{item.published}" if item.published else item.date_text or ""
    words = f"{day}\0{item.language or ''}\0{fold_title(keys.heading) or keys.heading}"
    if keys.source_item_id is not None:
        first = f"id\0{source}\0{keys.source_item_id}"
    else:
        first = f"link\0{keys.canonical}" if keys.canonical else f"text\0{words}"
    minted = _hash(first)
    count = 1
    while minted in taken:
        minted = _hash(f"{first}\0{words}\0{count}")
        count += 1
    return minted


def _hash(material: str) -> str:
    digest = hashlib.sha256(material.encode("utf-8", "surrogatepass")).digest()
    return base64.b32encode(digest).decode("ascii").lower()[:_ID_LENGTH]


# ------------------------------------------------------------------ the stages

_Accepts = Callable[[_Candidate, KnownItem, float], bool]


def _same_number(candidate: _Candidate, known: KnownItem, alike: float) -> bool:
    return alike > 0 or candidate.item.language == known.language


def _same_day(candidate: _Candidate, known: KnownItem, alike: float) -> bool:
    numbers = {candidate.keys.link_number, known.keys.link_number} - {None}
    languages = {candidate.item.language, known.language} - {None}
    # Two numbers are two items, whatever they are called; two languages need more than a likeness.
    if len(numbers) > 1 or alike in {0.0, 1.0}:
        return alike == 1.0 and len(numbers) < 2
    # Where one word replaces another, only the other fields tell an edit from other news.
    is_edit = not replaced_words(candidate.keys.heading, known.keys.heading)
    return len(languages) < 2 and (is_edit or same_words(candidate.item.summary, known.summary))


_STAGES: tuple[
    tuple[MatchReason, Callable[[_Candidate, str], Hashable], Callable[[KnownItem], Hashable], _Accepts], ...
] = (
    (
        MatchReason.OUR_ID,
        lambda read, _: item_of(read.keys.source_item_id),
        lambda known: known.id,
        lambda *_: True,
    ),
    (
        MatchReason.SOURCE_ID,
        lambda read, source: (source, read.keys.source_item_id) if read.keys.source_item_id else None,
        lambda known: (known.source, known.keys.source_item_id) if known.keys.source_item_id else None,
        lambda *_: True,
    ),
    (
        MatchReason.ADDRESS,
        lambda read, _: read.keys.canonical,
        lambda known: known.keys.canonical,
        lambda *_: True,
    ),
    (
        MatchReason.NUMBER,
        lambda read, _: read.keys.link_number,
        lambda known: known.keys.link_number,
        _same_number,
    ),
    (MatchReason.TITLE, lambda read, _: read.keys.day, lambda known: known.keys.day, _same_day),
)


def _grouped(pairs: Iterable[tuple[K, Hashable]]) -> dict[Hashable, list[K]]:
    groups: dict[Hashable, list[K]] = defaultdict(list)
    for key, value in pairs:
        if value is not None:
            groups[value].append(key)
    return groups


def _pair(
    reads: Sequence[tuple[int, _Candidate]], known: Sequence[KnownItem], accepts: _Accepts
) -> dict[int, str]:
    """Pair read and stored items of one group, the most alike first; each takes part once."""
    fuzzy = len(reads) * len(known) <= _PAIRS
    by_heading = _grouped((place, fold_title(item.keys.heading)) for place, item in enumerate(known))
    scored = []
    for order, (number, candidate) in enumerate(reads):
        if fuzzy:
            places = list(range(len(known)))
        else:
            queue = by_heading.get(fold_title(candidate.keys.heading))
            places = [queue.pop(0)] if queue else []
        for place in places:
            alike = likeness(candidate.keys.heading, known[place].keys.heading)
            if accepts(candidate, known[place], alike):
                scored.append((-alike, *_differences(candidate, known[place]), order, place, number))
    pairs: dict[int, str] = {}
    used: set[int] = set()
    for *_, place, number in sorted(scored):
        if place not in used and number not in pairs:
            used.add(place)
            pairs[number] = known[place].id
    return pairs


def _differences(read: _Candidate, known: KnownItem) -> tuple[bool, bool, bool]:
    """Order what is alike in its title: two items of one address and title differ in their summaries only."""
    other_summary = not same_words(read.item.summary, known.summary)
    return read.item.language != known.language, other_summary, read.keys.day != known.keys.day


def could_match(items: Sequence[ReadItem]) -> Mapping[str, Collection[object]]:
    """Return what `store.items.known_items` has to look for: all that any stage of matching compares.

    Args:
        items: of a reading.
    """
    keys = [keys_of(item) for item in items]
    ours = {item_of(one.source_item_id) for one in keys}
    return {
        "id": ours - {None},
        "source_item_id": {one.source_item_id for one in keys} - {None},
        "canonical": {one.canonical for one in keys} - {None},
        "link_number": {one.link_number for one in keys} - {None},
        "day": {one.day for one in keys},
    }

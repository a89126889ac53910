"""Decide which stored item a read item is, and make the ids of new items. Pure.

The order of the evidence is fixed: the source's own id, the canonical address, the publisher's number in the
link, then day and title. Matching is one to one, best matches first. An item that a source gives unchanged is
the item that it was last time, so that reading a page twice adds nothing.

Evidence that several items share identifies none of them: many items may link to one page, or have one id. An
item whose own id differs from the stored one is another item, unless everything else agrees.
"""

import base64
import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import TypeVar

from sse_digest.model.items import ReadItem
from sse_digest.model.significant_change import same_words
from sse_digest.model.tag_uri import item_of
from sse_digest.sources.text.title_similarity import TitleComparison, fold_title, replaced_words
from sse_digest.sources.text.urls import canonical, link_number, page_part
from sse_digest.store.news.items import ItemKeys, KnownItem

K = TypeVar("K")

_ID_LENGTH = 26  # letters; 130 bits of the hash
_PAIRS = 20_000  # compared for one day, address or number; if there are more, only equal headings match


class MatchReason(StrEnum):
    """Why a read item is the same as a stored one."""

    SAID = "entry"  # its source gives it exactly as it did last time
    OUR_ID = "our id"  # it is from a feed of this program, whose ids are those of stored items
    SOURCE_ID = "source id"  # the source's own id is the same
    ADDRESS = "address"  # the canonical address is the same
    NUMBER = "number"  # the publisher's number is the same, and the language or a near-equal title
    TITLE = "title"  # the day is the same, and the titles are near-equal


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Context:
    """What all pairs of one reading are judged by."""

    source: str
    ids: frozenset[str]  # the source's own ids in the reading
    shared: frozenset[str]  # own ids and canonical addresses that several items have
    comparison: TitleComparison


def heading(item: ReadItem) -> str | None:
    """Return the title, else the summary, or None if the item has neither."""
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
    """Return a key of the day in the list, or of the text in its place if the day is unknown."""
    day = item.date_text or "" if item.published is None else item.published.isoformat()
    return f"{item.precision.value} {day}"


def without_doubles(items: Iterable[ReadItem]) -> tuple[ReadItem, ...]:
    """Return the items without repetitions; section, warnings and image do not distinguish items."""
    firsts: dict[ReadItem, ReadItem] = {}
    for item in items:
        firsts.setdefault(_bare(item), item)
    return tuple(firsts.values())


def said_of(item: ReadItem) -> str:
    """Return a hash of an item as its source gives it; repetitions of one item have the same hash."""
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
    """Return the stored item of each read item.

    Args:
        items: of one reading, without repetitions.
        known: the stored items to compare with, of any source.
        source: the name of the source that was read; its own ids mean nothing for other sources.
        said_last: the ids of the items in the last reading of the source, by `said_of`.

    Returns:
        One match for each of `items`, in their order. No stored item is in two matches.
    """
    left = {number: _Candidate(item=item, keys=keys_of(item)) for number, item in enumerate(items)}
    free = {item.id: item for item in known}
    found: dict[int, tuple[KnownItem, MatchReason]] = {}
    for number, item in enumerate(items):
        same = free.pop(said_last.get(said_of(item), ""), None)
        if same is not None:
            found[number] = (same, MatchReason.SAID)
            del left[number]
    context = _context(left.values(), free.values(), source)
    for reason, read_key, known_key, accepts in _STAGES:
        reads = _grouped((number, read_key(candidate, source)) for number, candidate in left.items())
        knowns = _grouped((key, known_key(item)) for key, item in free.items())
        for value, numbers in reads.items():
            if value not in knowns:
                continue
            these = [(number, left[number]) for number in numbers]
            paired = _pair(these, [free[key] for key in knowns[value]], accepts, context)
            for number, key in paired.items():
                found[number] = (free.pop(key), reason)
                del left[number]
    matches = []
    for number, item in enumerate(items):
        stored, why = found.get(number, (None, None))
        matches.append(ItemMatch(read=item, known=stored, reason=why))
    return tuple(matches)


def mint_id(item: ReadItem, *, source: str, taken: Collection[str]) -> str:
    """Return the id of a new item, made from what identifies it now; later changes do not affect the id.

    If the id is taken, it is made from the title and a count too. The same items in the same order always get
    the same ids.

    Args:
        item: the new item.
        source: the name of its source.
        taken: ids that the item must not get.
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

_Accepts = Callable[[_Candidate, KnownItem, float, _Context], bool]


def _context(candidates: Iterable[_Candidate], known: Iterable[KnownItem], source: str) -> _Context:
    reads, stored = [one.keys for one in candidates], [one.keys for one in known if one.source == source]
    ids = Counter(one.source_item_id for one in reads)
    counts = (
        ids,
        Counter(one.source_item_id for one in stored),
        Counter(one.canonical for one in reads),
        Counter(one.canonical for one in stored),
    )
    return _Context(
        source=source,
        ids=frozenset(filter(None, ids)),
        shared=frozenset(value for found in counts for value, count in found.items() if value and count > 1),
        comparison=TitleComparison(),
    )


def _same_id(candidate: _Candidate, known: KnownItem, alike: float, context: _Context) -> bool:
    is_shared = candidate.keys.source_item_id in context.shared
    return not is_shared or (alike > 0 and candidate.keys.day == known.keys.day)


def _unless_ids_differ(accepts: _Accepts) -> _Accepts:
    """Return a test that accepts a pair with different own ids only if everything else agrees."""

    def judge(candidate: _Candidate, known: KnownItem, alike: float, context: _Context) -> bool:
        if not _ids_differ(candidate, known, context):
            return accepts(candidate, known, alike, context)
        return (
            known.keys.source_item_id not in context.ids
            and alike == 1.0
            and candidate.keys.day == known.keys.day
            and candidate.keys.canonical == known.keys.canonical
            and not _is_other_part(candidate, known)
        )

    return judge


def _ids_differ(candidate: _Candidate, known: KnownItem, context: _Context) -> bool:
    """Return whether both items have own ids of one source that identify them, and the ids differ."""
    now, before = candidate.keys.source_item_id, known.keys.source_item_id
    if known.source != context.source or now is None or before is None:
        return False
    if now == before or now in context.shared:
        return False
    is_same_page = canonical(now) is not None and canonical(now) == canonical(before)
    return not is_same_page or page_part(now) != page_part(before)


def _same_address(candidate: _Candidate, known: KnownItem, alike: float, context: _Context) -> bool:
    if _is_other_part(candidate, known):
        return False
    is_shared = candidate.keys.canonical in context.shared
    return not is_shared or (alike > 0 and candidate.keys.day == known.keys.day)


def _is_other_part(candidate: _Candidate, known: KnownItem) -> bool:
    """Return whether the links name different parts of a page."""
    now, before = page_part(candidate.item.link), page_part(known.link)
    return now is not None and before is not None and now != before


def _same_number(candidate: _Candidate, known: KnownItem, alike: float, _: _Context) -> bool:
    return alike > 0 or candidate.item.language == known.language


def _same_day(candidate: _Candidate, known: KnownItem, alike: float, _: _Context) -> bool:
    numbers = {candidate.keys.link_number, known.keys.link_number} - {None}
    languages = {candidate.item.language, known.language} - {None}
    # Different numbers are different items, whatever their titles; different languages need an equal title.
    if len(numbers) > 1 or alike in {0.0, 1.0}:
        return alike == 1.0 and len(numbers) < 2
    # If one word replaces another, only the summary shows whether this is an edit or other news.
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
        _same_id,
    ),
    (
        MatchReason.ADDRESS,
        lambda read, _: read.keys.canonical,
        lambda known: known.keys.canonical,
        _unless_ids_differ(_same_address),
    ),
    (
        MatchReason.NUMBER,
        lambda read, _: read.keys.link_number,
        lambda known: known.keys.link_number,
        _unless_ids_differ(_same_number),
    ),
    (
        MatchReason.TITLE,
        lambda read, _: read.keys.day,
        lambda known: known.keys.day,
        _unless_ids_differ(_same_day),
    ),
)


def _grouped(pairs: Iterable[tuple[K, Hashable]]) -> dict[Hashable, list[K]]:
    groups: dict[Hashable, list[K]] = defaultdict(list)
    for key, value in pairs:
        if value is not None:
            groups[value].append(key)
    return groups


def _pair(
    reads: Sequence[tuple[int, _Candidate]],
    known: Sequence[KnownItem],
    accepts: _Accepts,
    context: _Context,
) -> dict[int, str]:
    """Return the ids of the stored items by the number of the read item, the most similar pairs first.

    Each item is in at most one pair.
    """
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
            alike = context.comparison.likeness(candidate.keys.heading, known[place].keys.heading)
            if accepts(candidate, known[place], alike, context):
                scored.append((-alike, *_differences(candidate, known[place]), order, place, number))
    pairs: dict[int, str] = {}
    used: set[int] = set()
    for *_, place, number in sorted(scored):
        if place not in used and number not in pairs:
            used.add(place)
            pairs[number] = known[place].id
    return pairs


def _differences(read: _Candidate, known: KnownItem) -> tuple[bool, bool, bool]:
    """Return a sort key for equally similar titles: the same language, summary and day come first."""
    other_summary = not same_words(read.item.summary, known.summary)
    return read.item.language != known.language, other_summary, read.keys.day != known.keys.day


def could_match(items: Sequence[ReadItem]) -> Mapping[str, Collection[object]]:
    """Return the values by which `store.news.items.known_items` finds all stored items that could match."""
    keys = [keys_of(item) for item in items]
    ours = {item_of(one.source_item_id) for one in keys}
    return {
        "id": ours - {None},
        "source_item_id": {one.source_item_id for one in keys} - {None},
        "canonical": {one.canonical for one in keys} - {None},
        "link_number": {one.link_number for one in keys} - {None},
        "day": {one.day for one in keys},
    }

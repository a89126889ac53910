"""Find signs that the layout of a page changed, or that it is another page. Pure.

One alarm is enough to store nothing from the reading. A reading is compared with earlier readings of its
source and with the items known from it. A low number of items is not a sign: some months are quiet.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sse_digest.model.items import Precision, ReadItem
from sse_digest.model.reading_stats import DriftAlarm, PageSignals, ReadingStats
from sse_digest.model.significant_change import is_cut_off, same_words
from sse_digest.sources.html.page_checks import with_article
from sse_digest.sources.ledger.matching import ItemMatch, MatchReason
from sse_digest.sources.text.title_similarity import TitleComparison, fold_title
from sse_digest.sources.text.urls import canonical, page_part
from sse_digest.store.news.sightings import Sighting

KEPT_SHAPES = 12
"""The number of reading stats that are kept for a source; later readings are compared with them."""

_MANY = 3  # the least number of items for which a share means something
_MOST = 0.5
_MORE_MISSING = 0.3  # of the items, in addition to the greatest share that lacked the field before
_LENGTHS = 3.0  # factor by which titles may be longer or shorter than ever before
_LENGTHS_OF_SUMMARIES = 4.0
_SOME = 0.3
_FEW = 0.2
_NEVER = 0.05  # a field that a smaller share of items lacked counts as always present
_AHEAD = timedelta(days=7)  # after the day of the reading; later days are those of events, not of news
_DENSER = 5.0  # factor by which the links for the same text may grow
_GARBLED = re.compile(
    "\ufffd|[ÂÃâÐÑØÙ][\u0080-\u00bf\u2018-\u201e\u20ac\u2122\u0152\u0153]"  # wrong charset
    "|&(?:amp|quot|lt|gt|nbsp|[lr][sd]quo|#\\d{2,5}|#x[0-9a-fA-F]{2,5});"  # escaped twice
    "|\\{\\{.{1,60}\\}\\}|<%.{1,60}%>|\\$\\{.{1,60}\\}"  # template placeholders
)
_CERTAIN = frozenset(
    {MatchReason.SAID, MatchReason.OUR_ID, MatchReason.SOURCE_ID, MatchReason.ADDRESS, MatchReason.NUMBER}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """The earlier readings of a source."""

    shapes: tuple[ReadingStats, ...] = ()  # of good readings, the newest last
    listed: Mapping[str, Sighting] | None = None  # the sightings in the last good reading, by item id


def shape_of(items: Sequence[ReadItem], signs: PageSignals, today: date) -> ReadingStats:
    """Return the reading stats of a page that was read today."""
    titles = [len(item.title) for item in items if item.title]
    summaries = [len(item.summary) for item in items if item.summary]
    languages = Counter(item.language for item in items if item.language)
    language, count = languages.most_common(1)[0] if languages else (None, 0)
    return ReadingStats(
        items=len(items),
        without_title=len(items) - len(titles),
        without_date=sum(item.published is None for item in items),
        without_link=sum(item.link is None for item in items),
        without_summary=len(items) - len(summaries),
        titles=len({fold_title(item.title) for item in items if item.title}),
        links=len({(canonical(item.link), page_part(item.link)) for item in items if item.link}),
        days=len({item.published for item in items if item.published}),
        title_length=sum(titles) / len(titles) if titles else 0,
        summary_length=sum(summaries) / len(summaries) if summaries else 0,
        language=language if count > _MOST * len(items) else None,
        closed=signs.closed,
        guard=signs.guard,
        ahead=sum(item.published is not None and item.published > today + _AHEAD for item in items),
        garbled=sum(_is_garbled(item) for item in items),
        without_image=sum(item.image_url is None for item in items),
        images=len({item.image_url for item in items if item.image_url}),
        text_per_link=(sum(titles) + sum(summaries)) / signs.links if signs.links else None,
    )


def _is_garbled(item: ReadItem) -> bool:
    return any(text is not None and _GARBLED.search(text) for text in (item.title, item.summary))


def judge(
    matches: Sequence[ItemMatch],
    *,
    signs: PageSignals,
    past: Baseline,
    today: date,
    may_be_empty: bool = False,
) -> tuple[DriftAlarm, ...]:
    """Return the drift alarms of a reading; if there are none, it can be stored.

    Args:
        matches: the read items, in the page's order, with the stored items that they are.
        signs: of the page.
        past: the earlier readings; if there are none, only signs that no page may have are alarms.
        today: the day of the reading.
        may_be_empty: whether an empty list is allowed even if earlier readings had items.
    """
    shape = shape_of([match.read for match in matches], signs, today)
    alarms = [*_of_the_page(shape, past.shapes)]
    if not matches:
        alarms += _of_nothing(past.shapes, may_be_empty=may_be_empty)
    else:
        alarms += _of_missing_fields(shape, past.shapes)
        alarms += _of_equal_fields(matches, shape, past.shapes, today)
        alarms += _of_size(shape, past.shapes)
        alarms += _of_words(shape, past.shapes)
        alarms += _of_new_items(matches, past.shapes)
        alarms += _of_known_items(matches, past.listed or {})
        alarms += _of_lost_items(matches, past.listed or {})
    return tuple(alarms)


# ------------------------------------------------------------------ the page


def _of_the_page(shape: ReadingStats, shapes: Sequence[ReadingStats]) -> Iterator[DriftAlarm]:
    if shape.guard is not None and all(one.guard != shape.guard for one in shapes[-1:]):
        yield DriftAlarm(signal="guard", text=f"the page calls itself {with_article(shape.guard)}")
    if shape.closed is False and not (shapes and shapes[-1].closed is False):
        yield DriftAlarm(signal="truncated", text="the document is incomplete")


def _of_nothing(shapes: Sequence[ReadingStats], *, may_be_empty: bool) -> Iterator[DriftAlarm]:
    last = shapes[-3:]
    if not may_be_empty and len(last) == 3 and all(one.items >= _MANY for one in last):
        counts = ", ".join(str(one.items) for one in last)
        yield DriftAlarm(signal="empty", text=f"the list is empty; the last readings gave {counts} items")


def _of_missing_fields(shape: ReadingStats, shapes: Sequence[ReadingStats]) -> Iterator[DriftAlarm]:
    for field in ("title", "date", "link", "summary", "image"):
        missing = _missing(shape, field)
        if missing is None:
            continue
        before = _missing_before(shapes, field)
        if before is None:
            is_wrong = field == "title" and missing > max(1, _MOST * shape.items)
        elif missing == shape.items and not before and field in {"title", "link"}:
            is_wrong = True
        else:
            few = 3.0 if field == "image" else 1.0  # an image may be missing for many reasons
            is_wrong = missing > before * shape.items + max(few, _MORE_MISSING * shape.items)
        if is_wrong:
            usual = "" if before is None else f"; before, at most {before:.0%} had none"
            yield DriftAlarm(
                signal=f"{field}s missing", text=f"{missing} of {shape.items} items have no {field}{usual}"
            )


def _missing(shape: ReadingStats, field: str) -> int | None:
    """Return the number of items without a field, or None if it was not counted."""
    counted: int | None = getattr(shape, f"without_{field}")
    return counted


def _missing_before(shapes: Sequence[ReadingStats], field: str) -> float | None:
    """Return the greatest share of items without a field in any reading, or None if unknown."""
    counted = [
        (missing, one.items) for one in shapes if one.items and (missing := _missing(one, field)) is not None
    ]
    return max((missing / items for missing, items in counted), default=None)


def _present(shape: ReadingStats, field: str) -> int:
    """Return the number of items with a field."""
    return shape.items - (_missing(shape, field) or 0)


def _of_equal_fields(
    matches: Sequence[ItemMatch], shape: ReadingStats, shapes: Sequence[ReadingStats], today: date
) -> Iterator[DriftAlarm]:
    days = [match.read.published for match in matches if match.read.precision is Precision.DAY]
    if len(days) > _MANY and len(set(days)) == 1:
        varied = any(one.days > 1 for one in shapes)
        if varied or (days[0] == today and not shapes):
            yield DriftAlarm(signal="dates equal", text=f"all {len(days)} dates are {days[0]}")
    for field, plural in _compared_fields(matches, shape, shapes):
        if _repeats(shape, field) and not any(_repeats(one, field) for one in shapes):
            count, different = _present(shape, field), getattr(shape, f"{field}s")
            shared = f"the same {field}" if different == 1 else f"only {different} different {plural}"
            text = f"{count} items have {shared}"
            yield DriftAlarm(signal=f"{field}s equal", text=text)
    before = {one.language for one in shapes}
    is_known = shape.language is not None and None not in before
    if before and shape.items >= _MANY and is_known and shape.language not in before:
        was = ", ".join(sorted(map(str, before)))
        yield DriftAlarm(
            signal="language", text=f"the language of the items is {shape.language}; before, it was {was}"
        )


def _compared_fields(
    matches: Sequence[ItemMatch], shape: ReadingStats, shapes: Sequence[ReadingStats]
) -> Iterator[tuple[str, str]]:
    """Yield the fields, with their plurals, in which items that are news should differ.

    Items with own ids may share a link, as the episodes of a programme do. In a first reading, own ids or
    different titles are enough to tell items apart.
    """
    ids = {match.read.source_item_id for match in matches}
    have_ids = None not in ids and len(ids) == len(matches)
    if shapes or not have_ids:
        yield "title", "titles"
    if not have_ids and (shapes or _repeats(shape, "title")):
        yield "link", "links"
    if shapes:
        yield "image", "images"


def _repeats(shape: ReadingStats, field: str) -> bool:
    count = _present(shape, field)
    enough = _MANY if field != "image" else 2 * _MANY  # a few items may share a logo
    return count >= enough and getattr(shape, f"{field}s") <= _MOST * count


def _of_size(shape: ReadingStats, shapes: Sequence[ReadingStats]) -> Iterator[DriftAlarm]:
    if not shapes:
        return
    most = max(one.items for one in shapes)
    if shape.items > 6 * most + 30:
        yield DriftAlarm(signal="count", text=f"there are {shape.items} items; before, at most {most}")
    for field, times in (("title", _LENGTHS), ("summary", _LENGTHS_OF_SUMMARIES)):
        now = float(getattr(shape, f"{field}_length"))
        before = [length for one in shapes if (length := float(getattr(one, f"{field}_length")))]
        count = _present(shape, field)
        if count >= _MANY and before and not min(before) / times <= now <= max(before) * times:
            usual = f"{min(before):.0f} to {max(before):.0f}"
            text = f"the average {field} has {now:.0f} characters; before, it had {usual}"
            yield DriftAlarm(signal=f"{field} length", text=text)


def _of_words(shape: ReadingStats, shapes: Sequence[ReadingStats]) -> Iterator[DriftAlarm]:
    """Yield alarms for garbled text, for future dates, and for menus among the items."""
    for field, count in (("garbled", shape.garbled), ("ahead", shape.ahead)):
        before = max((getattr(one, field) / one.items for one in shapes if one.items), default=None)
        if before is None:  # the first page may be a calendar; garbled text is always wrong
            is_wrong = field == "garbled" and count >= 2 and count > _MOST * shape.items
        else:
            is_wrong = count >= 2 and count > (before + _FEW) * shape.items
        if is_wrong:
            fault = "garbled text" if field == "garbled" else "a date in the future"
            text = f"{count} of {shape.items} items have {fault}; before, at most {before or 0:.0%} had it"
            yield DriftAlarm(signal=field, text=text)
    dense = [one.text_per_link for one in shapes if one.text_per_link and one.items >= _MANY]
    now = shape.text_per_link
    if now is not None and dense and shape.items >= _MANY and now * _DENSER < min(dense):
        text = f"there are {now:.0f} characters of text per link; before, at least {min(dense):.0f}"
        yield DriftAlarm(signal="text to links", text=text)


def _of_new_items(matches: Sequence[ItemMatch], shapes: Sequence[ReadingStats]) -> Iterator[DriftAlarm]:
    """Yield alarms for new items that lack a field which all items had before: they may be no news."""
    new = [match.read for match in matches if match.known is None]
    if sum(one.items for one in shapes) < _MANY:
        return
    for field, lacks in _LACKS.items():
        count, before = sum(map(lacks, new)), _missing_before(shapes, field)
        if before is not None and before < _NEVER and count >= 2 and count >= _SOME * len(new):
            text = f"{count} of {len(new)} new items have no {field}; before, at most {before:.0%} had none"
            yield DriftAlarm(signal=f"new {field}s missing", text=text)


_LACKS: Mapping[str, Callable[[ReadItem], bool]] = {
    "title": lambda read: read.title is None,
    "date": lambda read: read.published is None,
    "link": lambda read: read.link is None,
}


# ------------------------------------------------------------------ the items known from it


_Known = Sequence[tuple[ItemMatch, Sighting]]
_Check = tuple[str, _Known, Callable[[ReadItem, Sighting], bool], int, float]


def _of_known_items(matches: Sequence[ItemMatch], listed: Mapping[str, Sighting]) -> Iterator[DriftAlarm]:
    """Yield alarms for items of the last reading that differ from it now."""
    again = [
        (match, listed[match.known.id])
        for match in matches
        if match.known is not None and match.known.id in listed
    ]
    certain = [(match, place) for match, place in again if match.reason in _CERTAIN]
    comparison = TitleComparison()
    renamed = {place.item_id for match, place in certain if _other_title(match.read, place, comparison)}
    checks: tuple[_Check, ...] = (
        ("titles", certain, lambda _, place: place.item_id in renamed, 2, _MOST),
        ("titles", certain, lambda _, place: place.item_id in renamed, _MANY, _SOME),
        ("dates", certain, _other_day, 2, _MOST),
        ("dates", certain, _other_day, _MANY, _SOME),
        ("kickers", again, lambda read, place: not same_words(read.kicker, place.kicker), _MANY, _SOME),
        ("summaries", again, lambda read, place: not same_words(read.summary, place.summary), _MANY, _MOST),
        ("kickers", again, lambda read, place: bool(place.kicker and not read.kicker), 2, _SOME),
        ("summaries", again, lambda read, place: bool(place.summary and not read.summary), 2, _SOME),
        # If an item lost its summary and has another title, a piece of the page may be missing.
        (
            "titles and no summaries",
            certain,
            lambda read, place: bool(place.summary and not read.summary) and place.item_id in renamed,
            1,
            0.0,
        ),
        ("links", again, lambda read, place: canonical(read.link) != canonical(place.link), _MANY, _MOST),
    )
    changes: dict[str, DriftAlarm] = {}
    for name, among, differs, least, share in checks:
        changed = sum(differs(match.read, place) for match, place in among)
        if changed >= least and changed > share * len(among):
            text = f"{changed} of {len(among)} known items now have different {name}"
            changes.setdefault(name, DriftAlarm(signal=f"{name} changed", text=text))
    yield from changes.values()
    for name, field in (("titles", "title"), ("summaries", "summary")):
        cut = sum(is_cut_off(getattr(place, field), getattr(match.read, field)) for match, place in again)
        if cut >= 2 and cut > _FEW * len(again):
            text = f"{cut} of {len(again)} known items now have {name} that are cut off"
            yield DriftAlarm(signal=f"{name} cut", text=text)


def _other_day(read: ReadItem, place: Sighting) -> bool:
    return place.published is not None and place.published != read.published


def _other_title(read: ReadItem, place: Sighting, comparison: TitleComparison) -> bool:
    return place.title is not None and not comparison.likeness(read.title or "", place.title)


def _of_lost_items(matches: Sequence[ItemMatch], listed: Mapping[str, Sighting]) -> Iterator[DriftAlarm]:
    """Yield alarms for items that should still be listed, and for unknown items on days that are known."""
    here = {match.known.id for match in matches if match.known is not None}
    still = [place.position for item_id, place in listed.items() if item_id in here]
    days = sorted(place.published for place in listed.values() if place.published)
    unknown = [match for match in matches if match.known is None]
    new = sum(
        not days or match.read.published is None or match.read.published >= days[-1] for match in unknown
    )
    lost = sum(
        item_id not in here and place.position < max(still, default=0) for item_id, place in listed.items()
    )
    # Each new item may push one item off the page. If more are lost, they are no longer read.
    if lost - new >= 2 and lost - new > _MOST / 2 * len(listed):
        yield DriftAlarm(
            signal="lost",
            text=f"{lost} of {len(listed)} items are missing, but items after them are still listed",
        )
    if not days:
        return
    dated = [match for match in matches if match.read.published]
    within = [match for match in dated if days[0] < (match.read.published or days[0]) < days[-1]]
    unseen = sum(match.known is None for match in within)
    oldest = min((match.read.published for match in dated if match.read.published), default=None)
    is_other_page = len(matches) >= _MANY and not here and oldest is not None and oldest <= days[-1]
    if is_other_page or (unseen >= _MANY and unseen > _MOST * len(within)):
        text = f"{unseen or len(unknown)} items are unknown, although items of their dates were read before"
        yield DriftAlarm(signal="never seen", text=text)

"""List what an editor should look at: uncertain themes, dates that were not read, possible duplicates. Pure.

The list decides nothing: the items on it are published as they are.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from itertools import combinations

from sse_digest.model.items import Item, Precision
from sse_digest.model.theme_rules import ThemeRules
from sse_digest.sources.text.title_similarity import fold_title, likeness

_NEARLY = 0.75  # of the score that a theme needs; an item with this score may well belong to the theme
_TIE = 0.1  # of the higher score; if the difference is smaller, one word may decide
_APART = timedelta(days=31)  # two items with one title are hardly the same if their days are further apart
_MOST = 200  # items of one day or title that are compared; more mean that a page was misread


class ReviewReason(StrEnum):
    """Why an item is on the list."""

    WEAK = "weak evidence"  # it has no theme, and nearly has one
    TIE = "near tie"  # two themes have nearly the same score
    DATE = "unread date"  # its source has a text in the place of the date that could not be read
    DOUBLE = "possible double"  # another item may be the same piece of news


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewFinding:
    """One thing to look at."""

    item_id: str
    heading: str
    doubt: ReviewReason
    why: str
    command: str  # the command that settles it


def review(items: Sequence[Item], rules: ThemeRules) -> tuple[ReviewFinding, ...]:
    """Return what an editor should look at, in the order of the items; possible duplicates come last.

    Args:
        items: those that are out of feeds and issues are skipped.
        rules: by which the themes were decided.
    """
    shown = [item for item in items if not item.is_out]
    found = [one for item in shown for one in (*_themes(item, rules), *_date(item))]
    return (*found, *_doubles(shown))


def _themes(item: Item, rules: ThemeRules) -> Iterator[ReviewFinding]:
    if "themes" in item.edited:
        return
    scores: dict[str, float] = defaultdict(float)
    for reason in item.decision.evidence:
        scores[reason.theme] += reason.weight
    ranked = sorted(scores.items(), key=lambda one: -one[1])
    if not ranked:
        return
    (best, score), *others = ranked
    if item.decision.primary == rules.fallback.key:
        if _NEARLY * rules.needed <= score < rules.needed:
            why = f"{best} has {score:g} of the {rules.needed:g} that a theme needs"
            yield _doubtful(item, ReviewReason.WEAK, why, f"items edit {item.id} --theme {best}")
        return
    for second, close in others[:1]:
        if close >= rules.needed and score - close < _TIE * score:
            why = f"{best} has {score:g}, {second} has {close:g}; the main theme is {item.decision.primary}"
            kept = " ".join(f"--theme {theme}" for theme in _primary_first(item))
            yield _doubtful(item, ReviewReason.TIE, why, f"items edit {item.id} {kept}")


def _primary_first(item: Item) -> Sequence[str]:
    primary = item.decision.primary
    return primary, *(theme for theme in item.decision.themes if theme != primary)


def _date(item: Item) -> Iterator[ReviewFinding]:
    if item.precision is Precision.NONE and item.date_text and "published" not in item.edited:
        why = f"its source has “{item.date_text}” in place of a date"
        yield _doubtful(item, ReviewReason.DATE, why, f"items edit {item.id} --date YYYY-MM-DD")


def _doubles(items: Iterable[Item]) -> Iterator[ReviewFinding]:
    by_day: dict[object, list[Item]] = defaultdict(list)
    by_title: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        if item.published is not None:
            by_day[item.published].append(item)
        by_title[fold_title(item.heading)].append(item)
    listed: set[frozenset[str]] = set()
    for together in (*by_day.values(), *by_title.values()):
        for one, other in combinations(together[:_MOST], 2):
            pair = frozenset((one.id, other.id))
            if pair not in listed and _may_be_one(one, other):
                listed.add(pair)
                first, second = sorted((one, other), key=lambda item: item.first_seen)
                why = f"{second.id} is titled “{second.heading}”"
                yield _doubtful(first, ReviewReason.DOUBLE, why, f"items merge {first.id} {second.id}")


def _may_be_one(one: Item, other: Item) -> bool:
    if one.language != other.language or not likeness(one.heading, other.heading):
        return False
    if one.published is None or other.published is None:
        return one.published is other.published
    return abs(one.published - other.published) <= _APART


def _doubtful(item: Item, doubt: ReviewReason, why: str, command: str) -> ReviewFinding:
    return ReviewFinding(
        item_id=item.id, heading=item.heading, doubt=doubt, why=why, command=f"sse-digest {command}"
    )

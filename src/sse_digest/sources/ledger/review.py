"""What an editor should look at: themes decided by little, dates that were not read, possible doubles. Pure.

A list for an editor, not a decision: everything on it is published as it is.
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

_NEARLY = 0.75  # of the score that gives a theme: what came so far may well have it
_TIE = 0.1  # of the higher score: two themes as close may change places with a word
_APART = timedelta(days=31)  # two items of one title are hardly one if their days are further apart
_MOST = 200  # items of one day or title that are compared; more are a page that was misread


class ReviewReason(StrEnum):
    """Why an item is on the list."""

    WEAK = "weak evidence"  # it has no theme, and nearly has one
    TIE = "near tie"  # two themes have nearly the same score
    DATE = "unread date"  # its source says something in the place of a date
    DOUBLE = "possible double"  # another item may be the same piece of news


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewFinding:
    """One thing to look at."""

    item_id: str
    heading: str
    doubt: ReviewReason
    why: str
    command: str  # that settles it


def review(items: Sequence[Item], rules: ThemeRules) -> tuple[ReviewFinding, ...]:
    """Return what an editor should look at among items, in their order; doubles last.

    Args:
        items: such as are out of feeds and issues are skipped.
        rules: by which themes were decided.
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
            why = f"{best} has {score:g} and {second} {close:g}; it stands under {item.decision.primary}"
            kept = " ".join(f"--theme {theme}" for theme in _primary_first(item))
            yield _doubtful(item, ReviewReason.TIE, why, f"items edit {item.id} {kept}")


def _primary_first(item: Item) -> Sequence[str]:
    primary = item.decision.primary
    return primary, *(theme for theme in item.decision.themes if theme != primary)


def _date(item: Item) -> Iterator[ReviewFinding]:
    if item.precision is Precision.NONE and item.date_text and "published" not in item.edited:
        why = f"its source says “{item.date_text}”"
        yield _doubtful(item, ReviewReason.DATE, why, f"items edit {item.id} --date YYYY-MM-DD")


def _doubles(items: Iterable[Item]) -> Iterator[ReviewFinding]:
    by_day: dict[object, list[Item]] = defaultdict(list)
    by_title: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        if item.published is not None:
            by_day[item.published].append(item)
        by_title[fold_title(item.heading)].append(item)
    told: set[frozenset[str]] = set()
    for together in (*by_day.values(), *by_title.values()):
        for one, other in combinations(together[:_MOST], 2):
            pair = frozenset((one.id, other.id))
            if pair not in told and _may_be_one(one, other):
                told.add(pair)
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

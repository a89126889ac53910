"""How well the theme rules agree with items that people have labelled.

Reads labelled items from lines of JSON and counts where the rules say otherwise, so that whoever
edits the rules sees what broke. Never changes a rule and opens no file.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

from sse_digest.errors import UsageError
from sse_digest.model.items import ThemeDecision


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledItem:
    """What an editor sees of an item, and the themes that people gave it."""

    id: str
    title: str | None
    kicker: str | None
    summary: str | None
    language: str | None  # BCP 47 primary tag; None: unknown
    themes: tuple[str, ...]  # at least one
    primary: str  # a member of `themes`


@dataclass(frozen=True, slots=True, kw_only=True)
class ThemeScore:
    """Agreement on one theme, over the sets of themes of all items; both from 0 to 1."""

    precision: float  # of the items that got the theme, the share that should
    recall: float  # of the items that should have the theme, the share that got it

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """An item whose themes or primary theme the rules see otherwise."""

    item: LabelledItem
    got: ThemeDecision


@dataclass(frozen=True, slots=True, kw_only=True)
class ThemeScores:
    """The result of one run over labelled items."""

    items: int
    primary_accuracy: float  # share of items whose primary theme is right
    macro_f1: float  # mean of the F1 of the themes that the items have or got
    themes: Mapping[str, ThemeScore]
    languages: Mapping[str, tuple[int, int]]  # by tag ("und": unknown): items, those with the right primary
    disagreements: tuple[Disagreement, ...]  # in the order of the items

    def to_json(self) -> dict[str, object]:
        """Return the scores as plain values, ready for `json.dumps`."""
        return {
            "items": self.items,
            "primary_accuracy": self.primary_accuracy,
            "macro_f1": self.macro_f1,
            "themes": {key: {"precision": s.precision, "recall": s.recall} for key, s in self.themes.items()},
            "languages": {tag: {"items": n, "right": right} for tag, (n, right) in self.languages.items()},
            "disagreements": [_disagreement_json(entry) for entry in self.disagreements],
        }


def parse_cases(lines: Iterable[str], *, where: str = "the file") -> tuple[LabelledItem, ...]:
    """Read labelled items, one JSON object a line; blank lines are skipped.

    An object has `id`, `themes` (a list) and `primary`, and as text or null `title`, `label` (or
    `kicker`), `summary` and `language`; other keys are skipped.

    Raises:
        UsageError: a line is not of this form, or there is none; the message names the line.
    """
    cases: list[LabelledItem] = []
    seen: dict[str, int] = {}
    for number, line in enumerate(lines, start=1):
        if line.strip():
            case = _parse_case(line, f"{where}, line {number}")
            if case.id in seen:
                raise UsageError(f"{where}, line {number}: id {case.id!r} is also in line {seen[case.id]}")
            seen[case.id] = number
            cases.append(case)
    if not cases:
        raise UsageError(f"{where} contains no labelled items; give one JSON object a line")
    return tuple(cases)


def score(
    cases: Sequence[LabelledItem],
    decide: Callable[[LabelledItem], ThemeDecision],
    *,
    themes: Sequence[str] = (),
) -> ThemeScores:
    """Compare what `decide` says with the labels.

    Args:
        cases: from `parse_cases`.
        decide: gives the decision for one item.
        themes: keys reported in this order even where no item has them (then with 1.0, outside the mean).
    """
    decisions = [decide(case) for case in cases]
    pairs = list(zip(cases, decisions, strict=True))
    right = Counter(case.language or "und" for case, got in pairs if case.primary == got.primary)
    languages = Counter(case.language or "und" for case in cases)
    occurring = {theme for case, got in pairs for theme in (*case.themes, *got.themes)}
    keys = [*dict.fromkeys(themes), *sorted(occurring - set(themes))]
    scores = {key: _score_theme(key, pairs) for key in keys}
    return ThemeScores(
        items=len(cases),
        primary_accuracy=_share(right.total(), len(cases)),
        macro_f1=_share(sum(scores[key].f1 for key in keys if key in occurring), len(occurring)),
        themes=scores,
        languages={tag: (number, right[tag]) for tag, number in languages.most_common()},
        disagreements=tuple(
            Disagreement(item=case, got=got)
            for case, got in pairs
            if case.primary != got.primary or set(case.themes) != set(got.themes)
        ),
    )


def _score_theme(key: str, pairs: Sequence[tuple[LabelledItem, ThemeDecision]]) -> ThemeScore:
    wanted = sum(key in case.themes for case, _ in pairs)
    given = sum(key in got.themes for _, got in pairs)
    both = sum(key in case.themes and key in got.themes for case, got in pairs)
    if not wanted and not given:
        return ThemeScore(precision=1.0, recall=1.0)
    return ThemeScore(precision=_share(both, given), recall=_share(both, wanted))


def _share(part: float, whole: int) -> float:
    return part / whole if whole else 0.0


def _parse_case(line: str, at: str) -> LabelledItem:
    try:
        data = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{at}: is not JSON ({error}); write one object a line") from error
    if not isinstance(data, dict):
        raise UsageError(f"{at}: is not a JSON object; write one object a line")
    themes, primary = data.get("themes"), data.get("primary")
    if not isinstance(themes, list) or not themes or not all(isinstance(theme, str) for theme in themes):
        raise UsageError(f"{at}: 'themes' must be a list of at least one theme")
    if not isinstance(primary, str) or primary not in themes:
        raise UsageError(f"{at}: 'primary' must be one of the item's themes ({', '.join(themes)})")
    if not isinstance(data.get("id"), str | int):
        raise UsageError(f"{at}: 'id' is missing; give each item its own")
    return LabelledItem(
        id=str(data["id"]),
        title=_text(data, "title", at),
        kicker=_text(data, "kicker" if "kicker" in data else "label", at),
        summary=_text(data, "summary", at),
        language=_text(data, "language", at),
        themes=tuple(themes),
        primary=primary,
    )


def _text(data: Mapping[str, object], key: str, at: str) -> str | None:
    value = data.get(key)
    if value is None or isinstance(value, str):
        return value or None
    raise UsageError(f"{at}: '{key}' must be text or null, not {value!r:.40}")


def _disagreement_json(entry: Disagreement) -> dict[str, object]:
    return {
        "id": entry.item.id,
        "title": entry.item.title,
        "language": entry.item.language,
        "expected": {"themes": list(entry.item.themes), "primary": entry.item.primary},
        "got": {"themes": list(entry.got.themes), "primary": entry.got.primary},
        "evidence": [asdict(evidence) for evidence in entry.got.evidence],
    }

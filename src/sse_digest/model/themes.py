"""The decision which themes an item has, and under which of them it is printed.

A sum of weights that anyone can check by hand: each term counts once in a field, masks take away
names that are not subjects, and the evidence lists every reason. Never learns, never guesses from
the article, reads no clock and no file: the same words give the same themes.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from sse_digest.model.items import Evidence, ThemeDecision
from sse_digest.model.term_matcher import PreparedText, TermMatch, prepare, split_summary
from sse_digest.model.theme_rules import Theme, ThemeRules

_PAIR_FIELDS = frozenset({"kicker", "title", "lead"})
_BETWEEN = 60  # characters between two organisations that act together
_SUBJECT = 40  # characters of the first sentence within which its subject begins
_JOINT = re.compile(r"\s*[,،/&+-]\s*(?:\w+\s)?|\s*و\s*")  # signs, and a letter, that join two organisations

_BESIDE = {"kicker": 1.0, "title": 0.7, "lead": 0.5, "summary": 0.5}  # what a term named by the way counts
_READ = 5_000  # characters of a field that are read; what an editor sees is never as long
_AND = r"(?:[,،;/]|\b(?:and|or|et|ou|y|e|o|und|oder|или|и)\b|(?<!\w)[وأ]و?(?=\w))"
_PIECE = r"[^,،;/.!?؟:()]{0,40}?"
_OPENED = re.compile(r"\([^()]*$")
_INNER = re.compile(rf"[,،;]\s+(?:{_AND}\s+)?$")
_LAST = re.compile(rf"[,،;][^,،;/.!?؟:()]{{0,30}}?{_AND}\s*$")
_GOES_ON = re.compile(rf"{_PIECE}{_AND}")
_FIRST = re.compile(rf"[,،;](?!\s*(?:who|which|that|qui|que|die|der)\b){_PIECE}{_AND}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """One field of the item, with what the rules find in it."""

    field: str
    text: PreparedText
    finds: Mapping[tuple[str, str], Sequence[TermMatch]]  # by theme and kind

    def of(self, theme: Theme, kind: str) -> Sequence[TermMatch]:
        return self.finds.get((theme.key, kind), ())

    def mask_over(self, theme: Theme, found: TermMatch) -> TermMatch | None:
        """Return the mask that hides a find; the name of an organisation hides no part of itself."""
        for mask in self.of(theme, "masks"):
            if mask.start <= found.start and found.end <= mask.end:
                whole = found.term.kind == "bodies" and (mask.start, mask.end) == (found.start, found.end)
                return None if whole else mask
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reason:
    """One piece of evidence, and what it may do beyond adding its weight."""

    evidence: Evidence
    beside: bool = False  # does not make it the subject: a place, one of a list, in brackets
    series: bool = False  # the item belongs to a series of the theme


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tally:
    """What speaks for one theme."""

    theme: Theme
    reasons: tuple[_Reason, ...]

    @property
    def score(self) -> float:
        return sum(reason.evidence.weight for reason in self.reasons)

    @property
    def titled(self) -> float:
        """Score of the title alone, of what is a subject there."""
        subjects = (reason.evidence for reason in self.reasons if not reason.beside)
        return sum(evidence.weight for evidence in subjects if evidence.field == "title")

    @property
    def in_series(self) -> bool:
        return any(reason.series for reason in self.reasons)

    @property
    def beside(self) -> bool:
        """Nothing that speaks for it makes it the subject."""
        return all(reason.beside for reason in self.reasons if reason.evidence.weight > 0)


def decide(
    rules: ThemeRules, *, title: str | None, kicker: str | None, summary: str | None, language: str | None
) -> ThemeDecision:
    """Decide the themes of an item from what an editor sees of it.

    Args:
        rules: from `parse_rules`.
        title: plain text; None: the source gave none.
        kicker: plain text; None: the source gave none.
        summary: plain text; None: the source gave none.
        language: BCP 47 primary tag of the text; None: unknown, then every language's terms count.
    """
    lead, rest = split_summary((summary or "")[: 2 * _READ])
    fields = {"kicker": kicker, "title": title, "lead": lead, "summary": rest}
    readings = [
        _Reading(field=field, text=text, finds=rules.matcher.find(text, field=field, language=language))
        for field, text in ((field, prepare(words[:_READ])) for field, words in fields.items() if words)
    ]
    tallies = [_tally(theme, readings, rules) for theme in rules.themes[:-1]]
    evidence = tuple(reason.evidence for tally in tallies for reason in tally.reasons)
    chosen = [tally for tally in tallies if tally.score >= rules.needed]
    if not chosen:
        other = rules.fallback.key
        return ThemeDecision(themes=(other,), primary=other, evidence=evidence)
    themes = tuple(tally.theme.key for tally in chosen)
    return ThemeDecision(themes=themes, primary=_choose_primary(chosen, rules.needed), evidence=evidence)


def _choose_primary(chosen: Sequence[_Tally], needed: float) -> str:
    """Choose among themes, most specific first: a series decides, else the title, else that order."""
    titled = [tally for tally in chosen if tally.titled >= needed]
    series = [tally for tally in chosen if tally.in_series]
    if series:
        return next((tally for tally in titled if tally.theme.over_series), series[0]).theme.key
    subjects = [tally for tally in chosen if not tally.beside]
    return (titled or subjects or chosen)[0].theme.key


def _tally(theme: Theme, readings: Sequence[_Reading], rules: ThemeRules) -> _Tally:
    reasons: list[_Reason] = []
    for reading in readings:
        weight = rules.weights[reading.field]
        for found in reading.of(theme, "series")[:1]:
            named = f"series {found.term.term}"
            reasons.append(_reason(theme, named, reading.field, rules.needed, series=True))
        reasons += _weigh_terms(theme, reading, weight)
        reasons += _weigh_pairs(theme, reading, weight)
    return _Tally(theme=theme, reasons=tuple(reasons))


def _reason(
    theme: Theme, term: str, field: str, weight: float, *, beside: bool = False, series: bool = False
) -> _Reason:
    evidence = Evidence(theme=theme.key, term=term, field=field, weight=weight)
    return _Reason(evidence=evidence, beside=beside, series=series)


def _weigh_terms(theme: Theme, reading: _Reading, weight: float) -> Iterable[_Reason]:
    """Weigh each term once, where it counts most; a masked one counts nothing but is told."""
    best: dict[str, _Reason] = {}
    for found in reading.of(theme, "terms"):
        term, mask = found.term, reading.mask_over(theme, found)
        named, counts, beside = f"term {term.term}", term.weight * weight, term.place
        if mask is not None:
            named, counts = f"{named}, masked by {mask.term.term}", 0.0
        elif _is_beside(reading.text.folded, found):
            named, counts, beside = f"{named}, mentioned in passing", counts * _BESIDE[reading.field], True
        known = best.get(term.term)
        if known is None or counts > known.evidence.weight:
            best[term.term] = _reason(theme, named, reading.field, counts, beside=beside)
    return best.values()


def _weigh_pairs(theme: Theme, reading: _Reading, weight: float) -> Iterable[_Reason]:
    """Find two organisations that act together: near each other with a joining sign or word between."""
    if reading.field not in _PAIR_FIELDS:
        return []
    bodies = [found for found in reading.of(theme, "bodies") if reading.mask_over(theme, found) is None]
    for first, second in pairwise(bodies):
        between = reading.text.folded[first.end : second.start]
        joiners = [j for j in reading.of(theme, "joiners") if first.end <= j.start and j.end <= second.start]
        guest = bool(joiners) and joiners[-1].term.place
        if first.term.part_of == second.term.part_of or (len(between) > _BETWEEN and not guest):
            continue
        if reading.field == "lead" and first.start > _SUBJECT:
            break
        if joiners or _JOINT.fullmatch(between):
            named = f"pair {first.term.part_of} + {second.term.part_of}"
            return [_reason(theme, named, reading.field, weight, beside=guest)]
    return []


def _is_beside(text: str, found: TermMatch) -> bool:
    """Return whether a term is incidental: one of at least three in a list, or in brackets with more."""
    before, after = text[max(0, found.start - 80) : found.start], text[found.end : found.end + 80]
    listed = (_INNER.search(before) and _GOES_ON.match(after)) or _LAST.search(before) or _FIRST.match(after)
    in_brackets = _OPENED.search(before) and not (before.endswith("(") and after.startswith(")"))
    return bool(listed or in_brackets)

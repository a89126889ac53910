"""The words of the theme rules: how a term is written, and how it is found in a text.

A term is words separated by spaces. `*` at a word's end or beginning: any letters may be there.
`-`: a hyphen, a blank or nothing. `(a|b)`: either. `..`: up to six words of the same sentence.
Letters match without regard to case and accents unless the term is case-sensitive; Arabic words may
carry their prefixes. Never decides anything: it only says which term stands where.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from math import prod

FIELDS = ("kicker", "title", "lead", "summary")  # lead: the summary's first sentence; summary: the rest

_SAME = {"‘": "'", "’": "'", "ʼ": "'", "`": "'", "´": "'", "‐": "-", "‑": "-", "‒": "-", "–": "-"}
_ARABIC = {"ة": "ه", "ى": "ي", "ی": "ي", "ک": "ك"}  # spellings that writers and keyboards mix
_DROPPED = frozenset("\u0640\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff")  # what is there, but not read
_PREFIXES = tuple(  # and, so; to the, by, to, like; the
    sorted({a + b for a in ("", "و", "ف") for b in ("", "لل", "ال", "ب", "ل", "ك", "بال", "كال")} - {""})
)
_PREFIX = f"(?:{'|'.join(sorted(_PREFIXES, key=len, reverse=True))})?"
_STEM = 3  # letters by which stems are looked up
_WORD = re.compile(r"\w+")
_GAP = r"(?:[^\w.!?؟;]+\w+){0,6}?[^\w.!?؟;]+"
_SIGNS = {" .. ": _GAP, " ": r"[\s-]+", "-": r"[\s-]?", "*": r"\w*", "(": "(?:", "|": "|", ")": ")"}
_SIGN = re.compile(r" \.\. |.")
_MOST_SPELLINGS = 500  # of one term
_GROUP = re.compile(r"\(([^()]*)\)")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(])(?:mr|mrs|ms|dr|st|no|nos|vs|m|mm|mme|sr|sra|prof|art|vol|z\.b|\d{1,2}|\w)$"
)
_SENTENCE_END = re.compile(r"[.!?؟。…]+[\"'”’»)\]]*(?=\s+[^\sa-z])|\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One line of the rules."""

    theme: str  # key of the theme it belongs to
    kind: str  # the table it is in: terms, masks, series, joiners, bodies
    term: str  # as written in the rules
    why: str  # for the people who edit the rules
    language: str = "any"  # the language it is a word of; "any" for names that are the same everywhere
    weight: float = 1.0  # multiplied by the weight of the field
    case: bool = False  # capitals and accents must be as written
    only: bool = False  # counts only in its own language, where the item's language is known
    place: bool = False  # may be just where something happens (the venue rule)
    fields: tuple[str, ...] = FIELDS  # where it counts
    part_of: str = ""  # the line it is in: of a spelling of an organisation, the organisation's key


@dataclass(frozen=True, slots=True, kw_only=True)
class TermMatch:
    """A term at a place of a text; `start` and `end` count characters of the prepared text."""

    term: Term
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedText:
    """A text made ready for matching; `plain` and `folded` have the same length."""

    plain: str
    folded: str


class _Tidying(dict[int, str | None]):
    """A translation that makes quotes and hyphens alike and drops what cannot be seen; it fills itself."""

    def __missing__(self, code: int) -> str | None:
        letter = chr(code)
        dropped = letter in _DROPPED or unicodedata.combining(letter)
        self[code] = kept = None if dropped else _SAME.get(letter, letter)
        return kept


class _Folding(dict[int, str]):
    """A translation to letters without case and accents, one for one; it fills itself."""

    def __missing__(self, code: int) -> str:
        letters = (c for c in unicodedata.normalize("NFKD", chr(code)) if not unicodedata.combining(c))
        bare = next(letters, chr(code))
        self[code] = folded = _ARABIC.get(bare, bare.casefold()[:1])
        return folded


_TIDYING, _FOLDING = _Tidying(), _Folding()


def prepare(text: str | None) -> PreparedText:
    """Make a text ready: quotes, hyphens and blanks alike, vowel marks gone, and a folded twin as long."""
    plain = " ".join(unicodedata.normalize("NFC", text or "").translate(_TIDYING).split())
    return PreparedText(plain=plain, folded=plain.translate(_FOLDING))


def split_summary(summary: str | None) -> tuple[str, str]:
    """Split a summary into its first sentence and the rest.

    A stop after a person's title, an initial or a short number ends no sentence.
    """
    text = (summary or "").strip()
    for end in _SENTENCE_END.finditer(text):
        before = text[max(0, end.start() - 8) : end.start()]
        if end.group().startswith(".") and _ABBREVIATION.search(before.lower()):
            continue
        return text[: end.end()].strip(), text[end.end() :].strip()
    return text, ""


def explain_fault(term: str) -> str | None:
    """Return what is wrong with a term as written, or None."""
    if any(c in _GROUP.sub("x", term) for c in "()|"):
        return "has an alternative without closed brackets of its own; write (a|b)"
    if prod(group.count("|") + 1 for group in _GROUP.findall(term)) > _MOST_SPELLINGS:
        return f"means more than {_MOST_SPELLINGS} spellings; write several terms"
    if re.search(r"\w\*\w|(?<!\w)\*(?!\w)", term):
        return "has * elsewhere than at the beginning or end of a word"
    for spelling in _expand(term):
        if not re.match(r"\*?\w", spelling):
            return "must begin with a letter"
        if spelling.endswith(".."):
            return "ends with the gap '..'"
    return None


def _expand(term: str) -> Iterator[str]:
    pieces = _GROUP.split(term)
    for choice in product(*([piece] if at % 2 == 0 else piece.split("|") for at, piece in enumerate(pieces))):
        yield " ".join("".join(choice).split())


def _write_pattern(term: str) -> str:
    """Write the regular expression of a prepared term; it is matched at the start of a word."""
    pattern = ""
    for match in _SIGN.finditer(term):
        sign = match.group()
        at_edge = match.start() == 0 or term[match.start() - 1] in " (|"
        prefix = _PREFIX if at_edge and _is_arabic(sign) else ""
        pattern += _SIGNS.get(sign) or prefix + re.escape(sign)
    return pattern + r"(?!\w)"


def _is_arabic(word: str) -> bool:
    return "\u0621" <= word[:1] <= "\u064a"


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spelling:
    """One way to write a term."""

    term: Term
    start: str  # the letters its first word begins with
    whole: bool  # these letters are the whole first word
    rest: str | None  # pattern of the whole term; None: the first word is all of it


@dataclass(frozen=True, slots=True, kw_only=True)
class _Index:
    """Spellings by how they begin, so that a word of a text meets only few of them."""

    whole: Mapping[str, tuple[_Spelling, ...]]  # by the whole first word
    stems: Mapping[str, tuple[_Spelling, ...]]  # by the first letters, at most _STEM of them
    inner: tuple[_Spelling, ...]  # whose letters may stand anywhere in a word

    def find(self, text: str) -> Iterator[TermMatch]:
        for match in _WORD.finditer(text):
            word, end = match.group(), match.end()
            for bare in (word, *_strip_prefixes(word)) if _is_arabic(word) else (word,):
                for spelling in self._candidates(bare):
                    start = end - len(bare)
                    stop = _end_of(spelling, text, start, end)
                    if stop is not None:
                        yield TermMatch(term=spelling.term, start=start, end=stop)

    def _candidates(self, word: str) -> list[_Spelling]:
        found = [spelling for spelling in self.inner if spelling.start in word]
        found += self.whole.get(word, ())
        for length in range(1, min(_STEM, len(word)) + 1):
            stems = self.stems.get(word[:length])
            if stems is not None:
                found += [spelling for spelling in stems if word.startswith(spelling.start)]
        return found


def _end_of(spelling: _Spelling, text: str, start: int, end: int) -> int | None:
    if spelling.rest is None:
        return end
    match = _compiled(spelling.rest).match(text, start)
    return match.end() if match else None


@lru_cache(maxsize=4096)
def _strip_prefixes(word: str) -> tuple[str, ...]:
    """Return what may remain of an Arabic word without its prefixes."""
    return tuple(word[len(p) :] for p in _PREFIXES if word.startswith(p) and len(word) > len(p) + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class TermMatcher:
    """Finds every one of its terms in one pass over a text."""

    folding: _Index  # terms read without case and accents
    exact: _Index  # terms whose capitals count

    def find(
        self, text: PreparedText, *, field: str, language: str | None
    ) -> Mapping[tuple[str, str], Sequence[TermMatch]]:
        """Return the terms that count in this field and language by theme and kind, in the text's order.

        A find within a longer one of its theme and kind is left out: the longer name says what is meant.
        """
        by_kind: dict[tuple[str, str], list[TermMatch]] = {}
        for found in (*self.folding.find(text.folded), *self.exact.find(text.plain)):
            term = found.term
            if field in term.fields and not (term.only and language not in (None, term.language)):
                by_kind.setdefault((term.theme, term.kind), []).append(found)
        return {key: _keep_longest(finds) for key, finds in by_kind.items()}


def _keep_longest(finds: Sequence[TermMatch]) -> Sequence[TermMatch]:
    kept: list[TermMatch] = []
    for found in sorted(finds, key=lambda found: (found.start, -found.end, found.term.term)):
        if not kept or found.end > kept[-1].end:
            kept.append(found)
    return kept


def compile_terms(terms: Iterable[Term]) -> TermMatcher:
    """Compile terms into one matcher."""
    listed = list(terms)
    return TermMatcher(
        folding=_index(t for t in listed if not t.case), exact=_index(t for t in listed if t.case)
    )


def _index(terms: Iterable[Term]) -> _Index:
    whole: dict[str, list[_Spelling]] = {}
    stems: dict[str, list[_Spelling]] = {}
    inner: list[_Spelling] = []
    for spelling, anywhere in (found for term in terms for found in _spellings(term)):
        if anywhere:
            inner.append(spelling)
        elif spelling.whole:
            whole.setdefault(spelling.start, []).append(spelling)
        else:
            stems.setdefault(spelling.start[:_STEM], []).append(spelling)
    return _Index(
        whole={start: tuple(some) for start, some in whole.items()},
        stems={start: tuple(some) for start, some in stems.items()},
        inner=tuple(inner),
    )


def _spellings(term: Term) -> Iterator[tuple[_Spelling, bool]]:
    """Yield the beginnings of a term, each with whether its letters may be inside a word."""
    text = prepare(term.term)
    written = text.plain if term.case else text.folded
    pattern = _write_pattern(written)
    beginnings = dict.fromkeys(_beginning(spelling) for spelling in _expand(written))
    for head, alone in beginnings:
        for joined in dict.fromkeys((head, head.replace("-", ""))):
            inner = joined.startswith("*")
            bare = joined.lstrip("*")
            start = _WORD.match(bare)
            letters = start.group() if start else ""
            after = bare[len(letters) :]
            rest = None if alone and not inner and after in ("", "*") else pattern
            yield _Spelling(term=term, start=letters, whole=not after.startswith("*"), rest=rest), inner


def _beginning(spelling: str) -> tuple[str, bool]:
    """Return the first word of a spelling, and whether it is the only one."""
    first, _, others = spelling.partition(" ")
    return first, not others

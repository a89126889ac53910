"""Compare titles. Two titles are near-equal if one is an edited version of the other.

Similarity alone would merge "Workshop in Sudan" with "Workshop in Kenya". Therefore both titles must have the
same numbers, and every capitalised name must be in both.

Titles come from strangers. Only the beginning of a long title is compared, and `TitleComparison` limits the
work for all titles of one reading.
"""

import re
import unicodedata
from collections.abc import Iterator
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import takewhile

NEAR = 0.9
"""The least similarity of two folded titles that may be near-equal."""

WORK = 20_000_000
"""The most pairs of characters that one `TitleComparison` compares, about two seconds of work."""

_COMPARED = 400  # characters; a summary may replace a missing title, and hostile pages have very long titles
_WORD = re.compile(r"[^\W_]+")
_DIGITS = re.compile(r"\d+")
_SENTENCE_START = re.compile(r"(?:^|[.:!?]\s)\W*$")
_SHORT = 3  # letters; a capitalised word of this length at a sentence's start (The, Les, Der) is not a name
_LONG_WORD = 4  # letters; shorter words do not show what a title is about
_OWN_WORDS = 2
_TYPO_LENGTH = 6  # letters; the least length of a word at a sentence's start that may have one wrong letter
_TYPO_LENGTH_CASELESS = 4


@lru_cache(maxsize=4096)
def fold_title(text: str) -> str:
    """Return a title with case, accents, digits, punctuation and whitespace folded.

    The result is empty if the title has no letter or digit.
    """
    parts = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    bare = "".join(_ascii_digits(mark) for mark in parts if unicodedata.category(mark) != "Mn")
    return " ".join(_WORD.findall(bare))


def likeness(first: str, second: str) -> float:
    """Return how similar two titles are.

    Returns:
        1.0 if they are equal when folded, `NEAR` to 1.0 if near-equal, 0.0 if not.
    """
    return TitleComparison().likeness(first, second)


class TitleComparison:
    """Compares many titles with a limited amount of work; after that, only equal titles are alike."""

    def __init__(self, work: int = WORK) -> None:
        self._left = work

    def likeness(self, first: str, second: str) -> float:
        """Return how similar two titles are, as the function `likeness` does."""
        one, two = sorted((fold_title(first), fold_title(second)))
        if one == two:
            return 1.0 if one or first.strip() == second.strip() else 0.0
        if not one or self._left <= 0 or _numbers(first) != _numbers(second):
            return 0.0
        one, two = one[:_COMPARED], two[:_COMPARED]
        matcher = SequenceMatcher(None, one, two, autojunk=False)
        if matcher.real_quick_ratio() < NEAR or matcher.quick_ratio() < NEAR:
            return 0.0
        self._left -= len(one) * len(two)
        if _other_name(first, second) or _other_name(second, first):
            return 0.0
        ratio = matcher.ratio()
        if ratio < NEAR or replaced_words(first, second) >= _OWN_WORDS:
            return 0.0
        # Two texts that differ only after the compared part are near-equal, not equal.
        return min(ratio, 0.999)


def is_near_equal(first: str, second: str) -> bool:
    """Return whether the two titles are equal or near-equal."""
    return likeness(first, second) > 0


def replaced_words(first: str, second: str) -> int:
    """Return how many long words were replaced by others, as in "health workers" and "care workers"."""
    words, others = _compared_words(first), _compared_words(second)
    return min(_own_words(words, others), _own_words(others, words))


def _compared_words(text: str) -> list[str]:
    """Return the folded words in the compared part of a title."""
    folded = fold_title(text)
    end = folded.find(" ", _COMPARED)
    return (folded if end < 0 else folded[:end]).split()


def _own_words(words: list[str], others: list[str]) -> int:
    """Return how many long words have no match among `others`; typing errors and hyphens do not matter."""
    run = "".join(others)
    return sum(
        len(word) >= _LONG_WORD and word not in run and not any(_is_one_edit(word, other) for other in others)
        for word in words
    )


def _numbers(text: str) -> list[str]:
    """Return the numbers sorted as text, in ASCII digits and without leading zeros."""
    return sorted("".join(map(_ascii_digits, run)).lstrip("0") for run in _DIGITS.findall(text))


def _ascii_digits(mark: str) -> str:
    return str(unicodedata.decimal(mark)) if mark.isdecimal() else mark


def _other_name(text: str, other: str) -> bool:
    """Return whether `text` contains a name that is not in `other`."""
    theirs = frozenset(fold_title(other).split())
    return any(
        not (
            theirs.issuperset(fold_title(word).split())
            or (typo and _is_mistyped(fold_title(word), theirs, typo))
        )
        for word, typo in _names(text)
    )


def _names(text: str) -> Iterator[tuple[str, int]]:
    """Yield the words that may be names, each with the least length that allows one wrong letter (0: never).

    In a script without capitals, every word may be a name.
    """
    caseless = not any(mark.isupper() or mark.islower() for mark in text)
    for match in takewhile(lambda one: one.start() < _COMPARED, _WORD.finditer(text)):
        word = match.group()
        if caseless:
            yield word, _TYPO_LENGTH_CASELESS
        elif any(map(str.isupper, word)):
            starts = _SENTENCE_START.search(text, max(0, match.start() - 8), match.start()) is not None
            if starts and len(word) <= _SHORT and not (len(word) > 1 and word.isupper()):
                continue
            yield word, _TYPO_LENGTH if starts and not word.isupper() else 0


def _is_mistyped(word: str, words: frozenset[str], length: int) -> bool:
    return len(word) >= length and any(word[0] == other[0] and _is_one_edit(word, other) for other in words)


def _is_one_edit(word: str, other: str) -> bool:
    """Return whether one letter was added, dropped, replaced or swapped with its neighbour."""
    if abs(len(word) - len(other)) > 1:
        return False
    start = next(
        (i for i, (a, b) in enumerate(zip(word, other, strict=False)) if a != b), min(len(word), len(other))
    )
    left, right = word[start:], other[start:]
    if len(left) == len(right):
        return left[1:] == right[1:] or (left[:2] == right[1::-1] and left[2:] == right[2:])
    return left[1:] == right or left == right[1:]

"""Detect the language of a text, offline; the same text always gives the same answer.

The script decides first (Arabic, Cyrillic, Chinese, Japanese). In Latin script, common words and endings are
counted. A text that is too short or unclear gets the expected language, the prior.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from sse_digest.sources.text.language_words import ENDINGS, LETTERS, WORDS

LANGUAGES = frozenset({"ar", "de", "en", "es", "fr", "it", "ja", "pt", "ru", "zh"})
"""BCP 47 primary tags that `tell_language` can return, apart from the prior."""

_SAMPLE = 4000
_WORD = re.compile(r"['’]s(?![^\W\d_])|[^\W\d_]+(?:['’](?=[^\W\d_]{2}))?")  # 's and l' indicate a language
_LONG_WORD = 6  # letters; the endings of shorter words are ignored
_LONGEST_ACRONYM = 5  # letters; a word in capitals up to this length (UN, IT, AND) is a name
_ENDING_WEIGHT = 0.3
_LETTER_WEIGHT = 0.3
_PRIOR_WEIGHT = 0.6
_KEPT_WORDS = 20_000
_ENOUGH = 0.9  # the least score that decides
_LEAD = 0.35  # the least difference from the next language's score
_SCRIPTS = (
    ("ja", re.compile("[\u3041-\u30ff]")),
    ("zh", re.compile("[\u3400-\u9fff]")),
    ("ko", re.compile("[\uac00-\ud7a3]")),
    ("ar", re.compile("[\u0620-\u064a\u0671-\u06d3]")),
    ("ru", re.compile("[\u0400-\u04ff]")),
)
_LATIN = re.compile("[A-Za-z\u00aa-\u024f]")
# Every byte that is not a letter becomes a space. No other way to split a text is as fast as this table.
_PARTED = bytes(code if chr(code).isalpha() and code < 128 else 32 for code in range(256))
_NOT_ASCII = re.compile("[^\x00-\x7f]+")
_OTHER_SCRIPTS = frozenset(
    {"ar", "fa", "he", "ja", "ko", "ru", "th", "uk", "ur", "zh"}
)  # languages that do not use Latin letters
_FOREIGN_LETTERS = {
    "ar": re.compile("[\u067e\u0686\u0688\u0691\u0698\u06a9\u06af\u06ba\u06be\u06cc\u06d2]"),  # Persian, Urdu
    "ru": re.compile("[іїєґўћђџљњјѓќѕ]", re.IGNORECASE),  # Ukrainian, Belarusian, Serbian, Macedonian
}


def primary_tag(tag: str | None) -> str | None:
    """Return the primary part of a language tag in lower case: `fr` for `fr-CA` and `FR`.

    Return None for None and for a text that is not a tag (a BCP 47 tag begins with two or three letters).
    """
    match = re.match(r"\s*([A-Za-z]{2,3})(?![A-Za-z])", tag or "")
    return match.group(1).lower() if match else None


class LanguageGuess(NamedTuple):
    """A language and how it was detected."""

    tag: str | None  # BCP 47 primary tag
    rule: str  # "its script", "its words", or "what was expected"


_EXPECTED = "what was expected"


def tell_language(text: str, *, prior: str | None = None) -> str | None:
    """Return the language of `text` as a BCP 47 primary tag, or None; see `judge_language`."""
    return judge_language(text, prior=prior).tag


def judge_language(text: str, *, prior: str | None = None) -> LanguageGuess:
    """Return the language of `text`, and how it was detected.

    Args:
        text: a title and a summary, plain; only the beginning is examined.
        prior: the expected language, such as that of the page; None: unknown.

    Returns:
        The detected language. If the text is too short or unclear it is `prior`, or None if `prior` is a
        language that does not use the text's script.
    """
    sample = text[:_SAMPLE]
    script = _script(sample)
    if script is None:
        return LanguageGuess(prior, _EXPECTED)
    if script:
        is_certain = script in LANGUAGES and not _is_sister(script, sample)
        return LanguageGuess(script, "its script") if is_certain else LanguageGuess(prior, _EXPECTED)
    return _latin(sample, prior)


def _script(sample: str) -> str | None:
    """Return the language of the script that most letters are in; "" for Latin, None without letters.

    A text with enough kana is Japanese, even if most of its characters are Chinese.
    """
    foreign = "" if sample.isascii() else "".join(_NOT_ASCII.findall(sample))
    counts = {language: len(pattern.findall(foreign)) for language, pattern in _SCRIPTS} if foreign else {}
    if not any(counts.values()):
        return "" if _LATIN.search(sample) else None
    if counts["ja"] * 10 > counts["zh"] > 0:
        counts["ja"] += counts["zh"]
    # A Chinese character carries about as much information as three letters.
    counts["zh"] *= 3
    counts["ja"] *= 3
    counts[""] = len(_LATIN.findall(sample))
    return max(counts, key=lambda name: counts[name])


def _is_sister(language: str, sample: str) -> bool:
    """Return whether the text has letters of a related language that `language` does not use."""
    pattern = _FOREIGN_LETTERS.get(language)
    return pattern is not None and pattern.search(sample) is not None


def _latin(sample: str, prior: str | None) -> LanguageGuess:
    scores = _scores(sample)
    if prior in _OTHER_SCRIPTS:
        prior = None
    if prior in WORDS:
        scores[prior] += _PRIOR_WEIGHT
    best = max(scores, key=scores.__getitem__)
    score = scores.pop(best)
    is_certain = score >= _ENOUGH and score - max(scores.values()) >= _LEAD
    return LanguageGuess(best, "its words") if is_certain else LanguageGuess(prior, _EXPECTED)


def _scores(sample: str) -> dict[str, float]:
    scores = dict.fromkeys(WORDS, 0.0)
    words = _words(sample.casefold() if sample.isupper() else sample)
    for weights in filter(None, map(_WEIGHTS.__getitem__, words)):
        for name, weight in weights:
            scores[name] += weight
    if not sample.isascii():
        folded = sample.casefold()
        for name, letters in LETTERS.items():
            scores[name] += _LETTER_WEIGHT * min(3, sum(map(folded.count, letters)))
    return scores


def _words(sample: str) -> Sequence[str]:
    """Return the words of a text; a text without accents and apostrophes is split in a faster way."""
    if sample.isascii() and "'" not in sample:
        return sample.encode("ascii").translate(_PARTED).decode("ascii").split()
    return _WORD.findall(sample)


class _Weights(dict[str, tuple[tuple[str, float], ...]]):
    """A cache of how much each word counts for which languages; languages that share a word share its weight.

    Texts repeat their words, so the weights are kept, up to `_KEPT_WORDS`.
    """

    def __missing__(self, written: str) -> tuple[tuple[str, float], ...]:
        if len(self) >= _KEPT_WORDS:
            self.clear()
        self[written] = found = _weights(written)
        return found


_WEIGHTS = _Weights()


def _weights(written: str) -> tuple[tuple[str, float], ...]:
    if written.isupper() and 1 < len(written) <= _LONGEST_ACRONYM:
        return ()
    word = written.casefold().replace("’", "'")
    named = [name for name, words in WORDS.items() if word in words]
    ended = [name for name, ends in ENDINGS.items() if len(word) >= _LONG_WORD and word.endswith(ends)]
    found = [(name, 1.0 / len(named)) for name in named]
    return (*found, *((name, _ENDING_WEIGHT / len(ended)) for name in ended))

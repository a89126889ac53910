"""Tell which language a text is written in, offline and always with the same answer.

Scripts decide first (Arabic, Cyrillic, Chinese, Japanese); for Latin letters small words and endings
are counted. Short or doubtful text keeps the language the reader expects, its prior.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from sse_digest.sources.text.language_words import ENDINGS, LETTERS, WORDS

LANGUAGES = frozenset({"ar", "de", "en", "es", "fr", "it", "ja", "pt", "ru", "zh"})
"""BCP 47 primary tags that `tell_language` can answer, besides its prior."""

_SAMPLE = 4000
_WORD = re.compile(r"['’]s(?![^\W\d_])|[^\W\d_]+(?:['’](?=[^\W\d_]{2}))?")  # 's and l' tell a language
_LONG_WORD = 6  # letters; shorter words have no ending worth a look
_LONGEST_ACRONYM = 5  # UN, IT and AND in capitals are names
_ENDING_WEIGHT = 0.3
_LETTER_WEIGHT = 0.3
_PRIOR_WEIGHT = 0.6
_KEPT_WORDS = 20_000
_ENOUGH = 0.9  # a score below says nothing
_LEAD = 0.35  # over the next language, at least
_SCRIPTS = (
    ("ja", re.compile("[\u3041-\u30ff]")),
    ("zh", re.compile("[\u3400-\u9fff]")),
    ("ko", re.compile("[\uac00-\ud7a3]")),
    ("ar", re.compile("[\u0620-\u064a\u0671-\u06d3]")),
    ("ru", re.compile("[\u0400-\u04ff]")),
)
_LATIN = re.compile("[A-Za-z\u00aa-\u024f]")
# What is not a letter parts words; a byte table, for no other way to cut a text is as fast.
_PARTED = bytes(code if chr(code).isalpha() and code < 128 else 32 for code in range(256))
_NOT_ASCII = re.compile("[^\x00-\x7f]+")
_OTHER_SCRIPTS = frozenset(
    {"ar", "fa", "he", "ja", "ko", "ru", "th", "uk", "ur", "zh"}
)  # never in Latin letters
_FOREIGN_LETTERS = {
    "ar": re.compile("[\u067e\u0686\u0688\u0691\u0698\u06a9\u06af\u06ba\u06be\u06cc\u06d2]"),  # Persian, Urdu
    "ru": re.compile("[іїєґўћђџљњјѓќѕ]", re.IGNORECASE),  # Ukrainian, Belarusian, Serbian, Macedonian
}


def primary_tag(tag: str | None) -> str | None:
    """Reduce a language tag to its primary part in lower case: `fr-CA` and `FR` to `fr`.

    None for None and for what is not a tag (BCP 47: two or three letters first).
    """
    match = re.match(r"\s*([A-Za-z]{2,3})(?![A-Za-z])", tag or "")
    return match.group(1).lower() if match else None


class LanguageGuess(NamedTuple):
    """A language and what tells it."""

    tag: str | None  # BCP 47 primary tag
    rule: str  # "its script", "its words", or "what was expected"


_EXPECTED = "what was expected"


def tell_language(text: str, *, prior: str | None = None) -> str | None:
    """Return the language of `text`, as `judge_language` does."""
    return judge_language(text, prior=prior).tag


def judge_language(text: str, *, prior: str | None = None) -> LanguageGuess:
    """Return the language of `text`, and by what.

    Args:
        text: a title and a summary, plain; only its beginning is looked at.
        prior: what is expected, such as the page's language; None: nothing.

    Returns:
        A BCP 47 primary tag; where the text is too short or does not say, `prior`, unless that is a
        language of another script.
    """
    sample = text[:_SAMPLE]
    script = _script(sample)
    if script is None:
        return LanguageGuess(prior, _EXPECTED)
    if script:
        is_told = script in LANGUAGES and not _is_sister(script, sample)
        return LanguageGuess(script, "its script") if is_told else LanguageGuess(prior, _EXPECTED)
    return _latin(sample, prior)


def _script(sample: str) -> str | None:
    """Name the language of the script most letters are in; "" for Latin, None without letters.

    Kana settle Japanese, whatever the share of Chinese characters.
    """
    foreign = "" if sample.isascii() else "".join(_NOT_ASCII.findall(sample))
    counts = {language: len(pattern.findall(foreign)) for language, pattern in _SCRIPTS} if foreign else {}
    if not any(counts.values()):
        return "" if _LATIN.search(sample) else None
    if counts["ja"] * 10 > counts["zh"] > 0:
        counts["ja"] += counts["zh"]
    # A Chinese character says about as much as three letters.
    counts["zh"] *= 3
    counts["ja"] *= 3
    counts[""] = len(_LATIN.findall(sample))
    return max(counts, key=lambda name: counts[name])


def _is_sister(language: str, sample: str) -> bool:
    """Return whether the text contains letters that the language does not use."""
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
    is_told = score >= _ENOUGH and score - max(scores.values()) >= _LEAD
    return LanguageGuess(best, "its words") if is_told else LanguageGuess(prior, _EXPECTED)


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
    """Cut a text into words; where there is neither an accent nor an apostrophe, by the faster way."""
    if sample.isascii() and "'" not in sample:
        return sample.encode("ascii").translate(_PARTED).decode("ascii").split()
    return _WORD.findall(sample)


class _Weights(dict[str, tuple[tuple[str, float], ...]]):
    """How much each word says for which languages; what several languages share is divided by their number.

    A text's words come back, so they are kept, up to a bound.
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

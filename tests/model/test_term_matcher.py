import pytest
from hypothesis import given
from hypothesis import strategies as st

from sse_digest.model.term_matcher import Term, compile_terms, explain_fault, prepare, split_summary


def spans(term: str, text: str, *, case: bool = False, language: str = "en") -> list[str]:
    rule = Term(theme="t", kind="terms", term=term, why="x", case=case, language=language)
    prepared = prepare(text)
    finds = compile_terms([rule]).find(prepared, field="title", language=None).get(("t", "terms"), ())
    return [prepared.plain[found.start : found.end] for found in finds]


@pytest.mark.parametrize(
    ("term", "text", "found"),
    [
        ("youth", "Youth, youths and YOUTH", ["Youth", "YOUTH"]),
        ("youth*", "Youths", ["Youths"]),
        ("*schaft", "Genossenschaft, Genossenschaften", ["Genossenschaft"]),
        ("*schaft*", "Genossenschaften", ["Genossenschaften"]),
        ("co-op", "coop co-op co op co–op scoop", ["coop", "co-op", "co op", "co-op"]),
        ("a (b|c) d", "a b d, a c d, a d", ["a b d", "a c d"]),
        ("a (|b )c", "a c, a b c", ["a c", "a b c"]),
        ("(one|two three)", "one two three", ["one", "two three"]),
        ("un .. bees", "un likes its big bees", ["un likes its big bees"]),
        ("un .. bees", "un likes. The bees", []),
        ("un .. bees", "un a b c d e f g bees", []),
        ("think.coop", "Think.Coop", ["Think.Coop"]),
        ("onu", "l'ONU, l’ONU", ["ONU", "ONU"]),
        ("jovenes", "Jóvenes", ["Jóvenes"]),
        ("young people", "young\n people, young-people", ["young people", "young-people"]),
    ],
)
def test_a_term_is_found_as_it_is_written(term: str, text: str, found: list[str]) -> None:
    assert spans(term, text) == found


@pytest.mark.parametrize(
    "word", ["شباب", "الشباب", "للشباب", "والشباب", "بالشباب", "وشباب", "الشَّباب", "الشبـاب"]
)
def test_an_arabic_word_is_found_with_its_prefixes_and_marks(word: str) -> None:
    assert len(spans("شباب", f"برنامج {word} الجديد")) == 1


def test_words_of_an_arabic_name_may_each_have_a_prefix() -> None:
    assert len(spans("أمم متحدة", "قرار الأمم المتحدة")) == 1
    assert len(spans("امم متحده", "للأمم المتحدة")) == 1
    assert spans("شباب", "أشبابيك") == []


def test_capitals_and_accents_count_where_the_rule_says_so() -> None:
    assert spans("UN", "UN un Un UNO", case=True) == ["UN"]
    assert spans("Été", "Ete Été", case=True) == ["Été"]


def test_a_longer_name_hides_the_shorter_one_within_it_in_its_own_kind_only() -> None:
    def rule(kind: str, term: str, *, case: bool = False) -> Term:
        return Term(theme="t", kind=kind, term=term, why="x", case=case)

    matcher = compile_terms(
        [rule("terms", "UN", case=True), rule("terms", "un women"), rule("masks", "women")]
    )

    finds = matcher.find(prepare("UN Women"), field="title", language=None)

    assert {kind: [found.term.term for found in some] for (_, kind), some in finds.items()} == {
        "terms": ["un women"],
        "masks": ["women"],
    }


def test_a_term_counts_only_in_its_fields_and_its_language_where_the_rule_says_so() -> None:
    matcher = compile_terms(
        [Term(theme="t", kind="terms", term="bee", why="x", language="en", only=True, fields=("title",))]
    )
    text = prepare("a bee")

    assert matcher.find(text, field="title", language="en")
    assert matcher.find(text, field="title", language=None)
    assert not matcher.find(text, field="title", language="fr")
    assert not matcher.find(text, field="lead", language="en")


@pytest.mark.parametrize(
    ("term", "said"),
    [
        ("(a", "brackets"),
        ("a|b", "brackets"),
        ("(a(b|c))", "brackets"),
        ("a*b", "beginning or end"),
        ("a * b", "beginning or end"),
        ("", "begin with a letter"),
        ("#bee", "begin with a letter"),
        ("(bee|) hive", None),
        ("(|bee)", "begin with a letter"),
        (".. bee", "begin with a letter"),
        ("bee ..", "gap"),
        ("(a|b|c|d|e|f|g|h)" * 3, "more than 500"),
        ("co-operativ* (a|b)", None),
        ("*schaft", None),
    ],
)
def test_a_term_that_cannot_be_read_is_explained(term: str, said: str | None) -> None:
    fault = explain_fault(term)

    assert (fault is None) if said is None else (fault is not None and said in fault)


@pytest.mark.parametrize(
    ("summary", "lead", "rest"),
    [
        (None, "", ""),
        ("One.", "One.", ""),
        ("One. Two.", "One.", "Two."),
        ("Mr. Ali and Dr. Roe met. Then they left.", "Mr. Ali and Dr. Roe met.", "Then they left."),
        ("J. Doe spoke on 1. Mai. Es war kalt.", "J. Doe spoke on 1. Mai.", "Es war kalt."),
        ("Well done! “Yes”, she said.", "Well done!", "“Yes”, she said."),
        ("He said “go.” Then he went.", "He said “go.”", "Then he went."),
        ("on www.example.org today", "on www.example.org today", ""),
        ("It is e.g. small. It ends.", "It is e.g. small.", "It ends."),
        ("انتهى الاجتماع. بدأ العمل.", "انتهى الاجتماع.", "بدأ العمل."),
        ("Line one\nLine two", "Line one", "Line two"),
    ],
)
def test_the_first_sentence_is_told_from_the_rest(summary: str | None, lead: str, rest: str) -> None:
    assert split_summary(summary) == (lead, rest)


@given(st.text())
def test_the_folded_text_is_as_long_as_the_plain_one(text: str) -> None:
    prepared = prepare(text)

    assert len(prepared.plain) == len(prepared.folded)


@given(st.text())
def test_no_word_is_lost_between_the_first_sentence_and_the_rest(text: str) -> None:
    lead, rest = split_summary(text)

    assert (lead + rest).split() == text.split() or "".join((lead + rest).split()) == "".join(text.split())


@given(st.text(alphabet="ab c*()|.-شا", max_size=20), st.text(alphabet="ab c.-شا", max_size=60))
def test_any_term_is_either_explained_or_found_without_an_error(term: str, text: str) -> None:
    if explain_fault(term) is None:
        assert all(spans(term, text))

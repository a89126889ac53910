import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sse_digest.sources.text.language import LANGUAGES, primary_tag, tell_language

SENTENCES = [
    ("en", "The members of the dairy decided that the milk would be paid for within a week."),
    ("fr", "Les membres de la laiterie ont décidé que le lait serait payé dans la semaine."),
    ("es", "Los socios de la lechería decidieron que la leche se pagaría en una semana."),
    ("pt", "Os sócios da leiteria decidiram que o leite seria pago dentro de uma semana."),
    ("de", "Die Mitglieder der Molkerei haben beschlossen, dass die Milch binnen einer Woche bezahlt wird."),
    ("it", "I soci della latteria hanno deciso che il latte sarà pagato entro una settimana."),
    ("ar", "قرر أعضاء مصنع الألبان أن يدفع ثمن الحليب خلال أسبوع."),
    ("ru", "Члены молочного кооператива решили, что за молоко будут платить в течение недели."),
    ("zh", "奶业合作社的成员决定在一周之内支付牛奶款。"),
    ("ja", "酪農協同組合の組合員は、牛乳の代金を一週間以内に支払うことを決めた。"),
]

TITLES = [
    ("en", "Six mills, one ledger, and what it cost to keep it"),
    ("en", "ILO’s Cooperatives Unit launches co-op timeline"),
    ("fr", "L'OIT lance un concours sur la migration"),
    ("es", "Las tejedoras de Ayacucho estrenan taller"),
    ("pt", "Catadoras de Belém compram seu primeiro caminhão"),
    ("de", "Genossenschaften tragen die Dörfer durch den Winter"),
    ("it", "Le sarte di Prato fondano una cooperativa"),
]


@pytest.mark.parametrize(("language", "text"), SENTENCES + TITLES)
def test_a_sentence_tells_its_language_without_help(language: str, text: str) -> None:
    assert tell_language(text) == language


@pytest.mark.parametrize("prior", ["en", "fr", "es", "pt", "de", "it", "ja"])
@pytest.mark.parametrize(("language", "text"), SENTENCES)
def test_a_sentence_tells_its_language_against_what_is_expected(language: str, text: str, prior: str) -> None:
    assert tell_language(text, prior=prior) == language


@pytest.mark.parametrize("text", ["", " ", "2023", "Edmund Moshy", "COVID-19", "ILO COOP 100", "???"])
@pytest.mark.parametrize("prior", [None, "fr", "sw"])
def test_what_says_nothing_keeps_what_is_expected(text: str, prior: str | None) -> None:
    assert tell_language(text, prior=prior) == prior


def test_latin_letters_are_never_told_as_a_language_of_another_script() -> None:
    assert tell_language("Edmund Moshy", prior="ja") is None
    assert tell_language("Edmund Moshy", prior="ar") is None


@pytest.mark.parametrize(
    "text",
    [
        "کارگران و تعاونی‌ها در چین و پاکستان گرد آمدند",
        "Кооперативи України об'єднуються",
        "협동조합이 모였다",
    ],
)
def test_a_script_is_not_taken_for_a_language_that_does_not_use_its_letters(text: str) -> None:
    assert tell_language(text) is None
    assert tell_language(text, prior="en") == "en"


def test_a_few_words_of_another_script_do_not_decide() -> None:
    assert tell_language("The cooperative 生活クラブ was founded by the women of a suburb of Tokyo") == "en"
    assert tell_language("The cooperative تعاونية was founded by the women of Beirut") == "en"


def test_acronyms_are_no_words() -> None:
    assert tell_language("Notes (UN, DES, LES, SUR)", prior="en") == "en"


@pytest.mark.parametrize(
    ("tag", "expected"),
    [("fr", "fr"), ("fr-CA", "fr"), ("PT_BR", "pt"), (" en", "en"), ("zho", "zho"), (None, None), ("", None)],
)
def test_a_tag_is_reduced_to_its_primary_part(tag: str | None, expected: str | None) -> None:
    assert primary_tag(tag) == expected


@pytest.mark.parametrize("tag", ["english", "x", "12", "-fr", "?"])
def test_what_is_no_tag_is_refused(tag: str) -> None:
    assert primary_tag(tag) is None


@given(st.text(), st.sampled_from([None, "en", "ar"]))
def test_any_text_gets_a_known_language_or_what_was_expected(text: str, prior: str | None) -> None:
    assert tell_language(text, prior=prior) in LANGUAGES | {prior, None}


@given(st.text())
def test_the_answer_is_always_the_same(text: str) -> None:
    assert tell_language(text) == tell_language(text)


@pytest.mark.parametrize(
    ("prior", "at_least"), [("same", 1.0), (None, 0.99), ("en", 0.99), ("fr", 0.99), ("pt", 0.99)]
)
def test_the_labelled_items_are_told_right(shared_data: Path, prior: str | None, at_least: float) -> None:
    rows = (shared_data / "news" / "labelled.jsonl").read_text(encoding="utf-8").splitlines()
    items = list(map(json.loads, rows))

    right = sum(
        tell_language(
            " ".join(filter(None, (item["title"], item["summary"]))),
            prior=item["language"] if prior == "same" else prior,
        )
        == item["language"]
        for item in items
    )

    assert right / len(items) >= at_least

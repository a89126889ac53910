"""Every visible word stands in every catalogue, with all its forms and all its variables."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import cast

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from sse_digest.rendering.resources import folder
from sse_digest.rendering.translations import LANGUAGES

ROOT = Path(__file__).resolve().parents[1]
NAMED = re.compile(r"%\((\w+)\)s")
WHERE = (
    (ROOT / "src" / "sse_digest", [("**.py", "python")]),
    (folder("templates"), [("**.html", "jinja2.ext:babel_extract"), ("**.txt", "jinja2.ext:babel_extract")]),
)


def key(message: object) -> tuple[str, ...]:
    """A message, or its singular and plural."""
    return (message,) if isinstance(message, str) else tuple(cast("Sequence[str]", message))


def visible_words() -> Iterator[tuple[str, ...]]:
    """Everything that code and templates ask the catalogues for."""
    for place, methods in WHERE:
        options = {pattern: {"trimmed": "true"} for pattern, method in methods if "jinja2" in method}
        for _, _, message, _, _ in extract_from_dir(place, methods, options):
            yield key(message)


def catalogue(language: str) -> Catalog:
    path = folder("locales") / language / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def messages(language: str) -> Iterator[Message]:
    return (message for message in catalogue(language) if message.id)


def forms(message: Message) -> tuple[str, ...]:
    return key(message.string)


def test_every_language_on_offer_has_a_catalogue_and_no_other_has_one() -> None:
    files = folder("locales").glob("*/LC_MESSAGES/messages.po")

    assert {path.parents[1].name for path in files} == set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_visible_word_is_in_the_catalogue_and_nothing_else_is(language: str) -> None:
    wanted = set(visible_words())
    held = {key(message.id) for message in messages(language)}

    assert wanted
    assert {"missing": wanted - held, "unused": held - wanted} == {"missing": set(), "unused": set()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_is_translated_in_all_its_plural_forms(language: str) -> None:
    plurals = catalogue(language).num_plurals

    assert {"en": 2, "fr": 2, "es": 2, "ar": 6}.get(language, plurals) == plurals
    for message in messages(language):
        assert not message.fuzzy, message.id
        assert all(forms(message)), message.id
        assert len(forms(message)) == (1 if len(key(message.id)) == 1 else plurals), message.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_translation_keeps_the_variables_of_its_message(language: str) -> None:
    for message in messages(language):
        wanted = set(NAMED.findall(key(message.id)[-1]))
        for form in forms(message):
            optional = {"number"} if len(key(message.id)) > 1 else set()
            assert wanted - optional <= set(NAMED.findall(form)) <= wanted, form
            assert "%" not in NAMED.sub("", form), form


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_translation_holds_markup_or_ordinary_quotes(language: str) -> None:
    for message in messages(language):
        for form in forms(message):
            assert not re.search(r"[<>&\"]", form), form
            assert form == form.strip(), form
            assert "  " not in form, form


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_text_of_a_translation_is_in_the_script_of_its_language(language: str) -> None:
    for message in messages(language):
        for form in forms(message):
            words = NAMED.sub("", form)
            if re.search(r"\w", words):
                assert bool(re.search(r"[\u0600-\u06ff]", words)) == (language == "ar"), form

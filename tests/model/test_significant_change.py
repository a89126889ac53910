import pytest

from sse_digest.model.significant_change import is_significant, same_picture, same_text, same_words
from tests.builders import make_item


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("What it is about. | 12 views", "What it is about. | 1,302 views"),
        ("What it is about. (3 comments)", "What it is about."),
        ("7 vues · Un texte", "1 204 vues · Un texte"),
        ("Ein Text • 9 Aufrufe • 2 Kommentare", "Ein Text • 12 Aufrufe • 3 Kommentare"),
        ("A text | Views: 12", "A text | Views: 13"),
        ("نص | 12 مشاهدة", "نص | 99 مشاهدة"),
    ],
)
def test_a_counter_is_no_change(old: str, new: str) -> None:
    assert same_words(old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Each member holds 3 shares", "Each member holds 4 shares"),
        ("12 views of the future of work", "13 views of the future of work"),
        ("The ILO answers 12 comments on the draft", "The ILO answers 14 comments on the draft"),
        ("42nd meeting", "43rd meeting"),
        ("In 2023 | 12 cooperatives", "In 2023 | 13 cooperatives"),
    ],
)
def test_a_number_in_running_text_is_a_change(old: str, new: str) -> None:
    assert not same_words(old, new)


def test_what_is_nothing_but_a_counter_is_as_good_as_nothing() -> None:
    assert same_words("12 views", None)


@pytest.mark.parametrize(
    "other",
    [
        "https://h.example/i/boat.jpg?itok=abc",
        "https://h.example/i/boat.jpg?v=2",
        "http://www.h.example/i/boat.jpg",
        "https://h.example/i/boat-300x200.jpg",
    ],
)
def test_another_query_scheme_or_size_is_the_same_picture(other: str) -> None:
    assert same_picture("https://h.example/i/boat.jpg", other)
    old = make_item(image_url="https://h.example/i/boat.jpg", image_alt="A boat", credit="© A 2023")
    new = make_item(image_url=other, image_alt="A red boat", credit="© B 2024")
    assert not is_significant(old, new)


@pytest.mark.parametrize(
    "other", [None, "https://h.example/i/ship.jpg", "https://o.example/i/boat.jpg", "http://["]
)
def test_another_address_is_another_picture(other: str | None) -> None:
    assert not same_picture("https://h.example/i/boat.jpg", other)


def test_a_text_or_an_image_that_is_replaced_is_a_change_and_one_that_was_not_known_is_none() -> None:
    bare = make_item()
    full = make_item(body="<p>One  two.</p>", image_url="https://h.example/i.jpg")
    assert not is_significant(bare, full)
    assert not is_significant(
        full, make_item(body="<div>One <b>two.</b></div>", image_url="https://h.example/i.jpg")
    )
    assert is_significant(full, make_item(body="<p>One three.</p>", image_url="https://h.example/i.jpg"))
    assert is_significant(full, make_item(body="<p>One two.</p>", image_url="https://h.example/j.jpg"))


TEXT = "<p>The boats carry tea, H2O and salt. Two<br>lines.</p><ul><li>One</li><li>Two</li></ul>"


@pytest.mark.parametrize(
    "other",
    [
        TEXT.replace("boats", "<strong>boat</strong>s")
        .replace("2", "<sub>2</sub>")
        .replace("sa", "<EM id=x>sa</EM>"),
        "<div><p>The boats carry tea, H2O and salt.</p>\n<p>Two lines.</p>One<!-- x --><p>Two</p></div>",
        "The boats carry tea, H2O and salt. Two lines. One<hr/>Two",
    ],
)
def test_other_mark_up_is_no_change_of_a_text(other: str) -> None:
    assert same_text(TEXT, other)
    assert not is_significant(make_item(body=TEXT), make_item(body=other))


@pytest.mark.parametrize(
    "other",
    [
        TEXT.replace("<li>One</li><li>Two</li>", "<li>OneTwo</li>"),
        TEXT.replace("Two<br>lines", "Twolines"),
        TEXT.replace("boats", "boat s"),
        TEXT.replace("<p>", "<p>Now "),
    ],
)
def test_other_words_are_a_change_of_a_text(other: str) -> None:
    assert not same_text(TEXT, other)
    assert is_significant(make_item(body=TEXT), make_item(body=other))

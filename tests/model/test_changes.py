import pytest

from sse_digest.model.changes import same_words


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

"""What a person sees while an issue is sent."""

import pytest

from sse_digest.cli.progress import LINE_EVERY_S, ProgressLines, seldom, show_progress, words
from sse_digest.delivery.progress import Progress
from sse_digest.model.deliveries import Verdict


def progress(**said: int) -> Progress:
    found = Progress(expired=said.pop("expired", 0), skipped=said.pop("skipped", 0))
    found.verdicts.update({Verdict(name): count for name, count in said.items()})
    return found


def test_every_outcome_has_the_word_of_the_glossary() -> None:
    said = progress(accepted=7, deferred=5, rejected=2, unknown=1, expired=3)

    assert words(said) == "7 accepted, 2 deferred, 2 rejected, 1 in doubt, 3 expired"
    assert words(Progress()) == "0 accepted"


def test_a_plain_line_tells_the_rate_since_the_line_before_and_the_time_left(
    capsys: pytest.CaptureFixture[str],
) -> None:
    now = 0.0
    lines = ProgressLines(lambda: now)

    now = LINE_EVERY_S - 1
    lines.report(progress(accepted=50), 1000)
    assert capsys.readouterr().err == ""
    now = LINE_EVERY_S
    lines.report(progress(accepted=90, rejected=10, deferred=5), 1000)
    assert (
        capsys.readouterr().err == "100 of 1000: 90 accepted, 5 deferred, 10 rejected; 10.0/s, 0:01:30 left\n"
    )
    now = 2 * LINE_EVERY_S
    lines.report(progress(accepted=290, rejected=10, deferred=5), 1000)
    assert "; 20.0/s, 0:00:35 left" in capsys.readouterr().err


def test_where_nothing_moves_no_time_left_is_made_up(capsys: pytest.CaptureFixture[str]) -> None:
    now = 0.0
    lines = ProgressLines(lambda: now)
    now = LINE_EVERY_S
    lines.report(progress(deferred=5), 1000)

    assert capsys.readouterr().err == "0 of 1000: 0 accepted, 5 deferred; 0.0/s\n"


def test_what_is_submitted_once_more_never_counts_beyond_the_whole(
    capsys: pytest.CaptureFixture[str],
) -> None:
    now = 0.0
    lines = ProgressLines(lambda: now)
    now = LINE_EVERY_S
    lines.report(progress(unknown=5, accepted=10, skipped=2), 10)

    assert capsys.readouterr().err.startswith("10 of 10: ")


def test_a_program_that_reads_json_is_shown_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with show_progress(quiet=True) as report:
        report(progress(accepted=1), 1)

    assert capsys.readouterr() == ("", "")


def test_a_bar_is_drawn_seldom_however_fast_mails_go() -> None:
    now = 0.0
    drawn: list[int] = []

    def draw(progress: Progress, total: int) -> None:
        del progress
        drawn.append(total)

    report = seldom(draw, lambda: now)

    for number in range(1000):
        now = number / 1000
        report(progress(accepted=number), number)

    assert drawn[:3] == [0, 100, 200]
    assert len(drawn) <= 11

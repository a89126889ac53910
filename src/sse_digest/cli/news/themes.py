"""`themes`: try the theme rules on a labelled file, to see the effect of a change."""

from collections.abc import Iterator
from pathlib import Path

import click

from sse_digest.cli.context import Context, json_option, pass_context
from sse_digest.cli.output import counted, emit, table
from sse_digest.errors import UsageError
from sse_digest.model.items import ThemeDecision
from sse_digest.model.theme_scores import LabelledItem, ThemeScores, parse_cases, score
from sse_digest.model.themes import decide
from sse_digest.settings import shipped_rules


@click.group()
def themes() -> None:
    """Try the theme rules."""


@themes.command("test")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@json_option
@pass_context
def test(context: Context, file: Path, as_json: bool) -> None:
    """Run the rules over FILE, one labelled item a line, and show where they disagree.

    Uses the rules of the configuration if there is one, otherwise those that come with the program.
    """
    settings = context.settings_if_any()
    rules = shipped_rules() if settings is None else settings.theme_rules()
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} cannot be read: {error}") from error

    def decided(case: LabelledItem) -> ThemeDecision:
        return decide(
            rules, title=case.title, kicker=case.kicker, summary=case.summary, language=case.language
        )

    scores = score(parse_cases(lines, where=str(file)), decided, themes=[theme.key for theme in rules.themes])
    emit(scores.to_json(), _lines(scores), as_json=as_json)


def _lines(scores: ThemeScores) -> Iterator[str]:
    figures = f"primary accuracy {scores.primary_accuracy:.3f}, macro F1 {scores.macro_f1:.3f}"
    yield f"{counted(scores.items, 'item')}, {figures}"
    rows = [("theme", "precision", "recall")]
    rows += [(key, f"{found.precision:.3f}", f"{found.recall:.3f}") for key, found in scores.themes.items()]
    yield from table(rows)
    for entry in scores.disagreements:
        wanted, got = ", ".join(entry.item.themes), ", ".join(entry.got.themes)
        yield f"{entry.item.id}: {entry.item.title or '(no title)'}"
        yield f"  labelled {wanted} ({entry.item.primary}), rules say {got} ({entry.got.primary})"
        for reason in entry.got.evidence:
            yield f"    {reason.weight:+g} {reason.theme}: {reason.term} in the {reason.field}"

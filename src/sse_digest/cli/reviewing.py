"""`items review`: what an editor should look at once a month, with the command that settles each."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import timedelta

import click

from sse_digest.app import App
from sse_digest.cli.context import Context, emit, end, json_option, pass_frame
from sse_digest.sources.ledger.review import ReviewFinding, review
from sse_digest.store.news.items import all_items


@click.command("review")
@click.option(
    "--days",
    type=click.IntRange(1),
    default=45,
    show_default=True,
    help="Only items first seen in so many days.",
)
@json_option
@pass_frame
def review_(frame: Context, days: int, as_json: bool) -> None:
    """List what an editor should look at: weak evidence, near ties, unread dates, possible doubles."""
    rules = frame.settings().theme_rules()

    async def work(app: App) -> tuple[ReviewFinding, ...]:
        since = app.clock() - timedelta(days=days)
        async with app.store.read() as connection:
            stored = await all_items(connection)
        return review([item for item in stored if item.first_seen >= since], rules)

    found = frame.run(work)
    emit({"review": [asdict(one) for one in found]}, _lines(found), as_json=as_json)
    end(attention=bool(found))


def _lines(found: tuple[ReviewFinding, ...]) -> Iterator[str]:
    if not found:
        yield "Nothing to look at."
    for one in found:
        yield f"{one.doubt}: {one.heading}"
        yield f"  {one.why}"
        yield f"  {one.command}"

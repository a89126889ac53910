"""`items merge` and `items split`: several stored items that are one piece of news, and the way back."""

import click

from sse_digest.app import App
from sse_digest.cli.context import Context, emit, json_option, pass_frame
from sse_digest.model.items import Item
from sse_digest.store.news.item_merge import merge_items, split_items


@click.command()
@click.argument("keep", metavar="ID")
@click.argument("others", metavar="ID...", nargs=-1, required=True)
@json_option
@pass_frame
def merge(frame: Context, keep: str, others: tuple[str, ...], as_json: bool) -> None:
    """Let the first item stand for the others in feeds and issues, through every later fetch."""

    async def work(app: App) -> tuple[Item, tuple[Item, ...]]:
        async with app.store.write() as connection:
            return await merge_items(connection, keep, others, now=app.clock())

    kept, merged = frame.run(work)
    lines = [f"{kept.id} stands for {item.id}: {item.heading}" for item in merged]
    data = {"kept": kept.id, "merged": [item.id for item in merged]}
    emit(data, lines or [f"{kept.id} stood for them already."], as_json=as_json)


@click.command()
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@json_option
@pass_frame
def split(frame: Context, ids: tuple[str, ...], as_json: bool) -> None:
    """Let merged items stand for themselves again."""

    async def work(app: App) -> tuple[Item, ...]:
        async with app.store.write() as connection:
            return await split_items(connection, ids, now=app.clock())

    parted = frame.run(work)
    lines = [f"{item.id} stands for itself again: {item.heading}" for item in parted]
    emit({"split": [item.id for item in parted]}, lines, as_json=as_json)

"""Whoever stops a publish leaves a thread behind that is in the middle of a step: nothing it does is seen."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from sse_digest.errors import FeedError
from sse_digest.feeds.output import build as building
from sse_digest.feeds.output import generations
from sse_digest.feeds.output.build import Build
from sse_digest.feeds.output.draft import PendingDocuments
from sse_digest.feeds.output.generations import PublishLock, take_turn
from tests.feeds.whole import publish

FIRST = {"all.atom": b"one", "all.html": b"two"}
CHANGED = PendingDocuments(names=("all.atom",), revision=b"2" * 16, write=lambda _: {"all.atom": b"changed"})


class Gate:
    """Where a thread is held up until it may go on."""

    def __init__(self) -> None:
        self.reached, self.may_go_on = threading.Event(), threading.Event()

    def before(self, step: Callable[..., object]) -> Callable[..., object]:
        """Return the step with the gate in front of it."""

        def waits(*args: object) -> object:
            self.reached.set()
            assert self.may_go_on.wait(30)
            return step(*args)

        return waits

    @contextmanager
    def opened_at_the_end(self) -> Iterator[None]:
        """Let the thread go on whatever a test finds."""
        try:
            yield
        finally:
            self.may_go_on.set()


def standing(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "current").iterdir()}


def write_and_finish(build: Build) -> None:
    build.write(CHANGED, CHANGED.write({}))
    build.finish()


def left(folder: Path) -> set[str]:
    return {path.name for path in (folder / "generations").iterdir()}


def assert_somebody_holds_the_turn(folder: Path) -> None:
    with pytest.raises(FeedError, match="Another publish"):
        take_turn(folder, patience_s=0)


@pytest.mark.parametrize("step", ["spare", "write_record"])
def test_what_is_being_built_is_not_taken_away_under_a_step_and_never_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    publish(tmp_path, FIRST)
    before, gate = left(tmp_path), Gate()
    monkeypatch.setattr(building, step, gate.before(getattr(building, step)))

    with ThreadPoolExecutor() as threads, gate.opened_at_the_end():
        turn = take_turn(tmp_path)
        build = Build(turn)
        build.keeps(CHANGED)
        work = threads.submit(write_and_finish, build)
        assert gate.reached.wait(30)
        end = threads.submit(build.__exit__, None, None, None)
        turn.__exit__(None, None, None)
        with pytest.raises(TimeoutError):
            end.result(0.2)  # it waits for the step
        assert_somebody_holds_the_turn(tmp_path)

        gate.may_go_on.set()

        with pytest.raises(FeedError, match="was stopped"):
            work.result(30)
        end.result(30)
    assert standing(tmp_path) == FIRST
    assert ".next" not in left(tmp_path)
    monkeypatch.undo()
    publish(tmp_path, FIRST)
    assert left(tmp_path) == before


def test_after_the_end_no_step_is_made(tmp_path: Path) -> None:
    publish(tmp_path, FIRST)
    with take_turn(tmp_path) as turn, Build(turn) as build:
        build.keeps(CHANGED)

    for late in (lambda: build.keeps(CHANGED), lambda: build.write(CHANGED, {}), build.finish):
        with pytest.raises(FeedError, match="was stopped"):
            late()
    with pytest.raises(FeedError, match="was stopped"):
        Build(turn)
    assert standing(tmp_path) == FIRST


async def test_nobody_else_publishes_while_a_build_that_nobody_waits_for_still_sweeps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(tmp_path, FIRST)
    gate = Gate()
    monkeypatch.setattr(building, "sweep", gate.before(generations.sweep))

    async def begin(turn: PublishLock) -> None:
        with turn:
            await asyncio.to_thread(Build, turn)

    with gate.opened_at_the_end():
        task = asyncio.create_task(begin(take_turn(tmp_path)))
        assert await asyncio.to_thread(gate.reached.wait, 30)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert_somebody_holds_the_turn(tmp_path)
    monkeypatch.undo()

    assert (await asyncio.to_thread(publish, tmp_path, FIRST)).changed == ()

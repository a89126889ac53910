"""A generation appears at once or not at all."""

import errno
import gzip
import hashlib
import itertools
import os
import random
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import brotli
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from sse_digest.errors import FeedError
from sse_digest.feeds.output.build import Build, BuildReport
from sse_digest.feeds.output.draft import PendingDocuments
from sse_digest.feeds.output.generations import published_body, published_names, roll_back, take_turn
from sse_digest.web.static_feeds import StaticDocuments, StaticFeeds
from tests.feeds.whole import publish

ROOT = Path(__file__).resolve().parents[3]
FIRST = {"all.atom": b"one", "all.rss": b"two", "all.html": b"three"}
SECOND = {**FIRST, "all.atom": b"changed", "youth.atom": b"new"}
THIRD = {"all.atom": b"third"}


def standing(folder: Path) -> dict[str, bytes]:
    """What a web server would give; every packed form there is must be that of its document."""
    found = {path.name: path.read_bytes() for path in (folder / "current").iterdir()}
    for ending, unpack in ((".gz", gzip.decompress), (".br", brotli.decompress)):
        for name in [name for name in found if name.endswith(ending)]:
            assert unpack(found.pop(name)) == found[name.removesuffix(ending)]
    return found


def generations(folder: Path) -> set[str]:
    return {
        path.name for path in (folder / "generations").iterdir() if path.is_dir() and not path.is_symlink()
    }


def times(folder: Path) -> dict[str, tuple[int, int]]:
    found = {path.name: path.stat() for path in (folder / "current").iterdir()}
    return {name: (stat.st_mtime_ns, stat.st_ino) for name, stat in found.items()}


def test_the_first_publish_makes_the_folder_and_everything_is_new(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "feeds"

    report = publish(folder, FIRST)

    assert standing(folder) == FIRST
    assert report == BuildReport(
        generation=(folder / "current").readlink().name,
        changed=("all.atom", "all.html", "all.rss"),
        unchanged=0,
        removed=(),
    )


def test_current_is_a_relative_link_so_the_folder_can_be_moved(tmp_path: Path) -> None:
    publish(tmp_path / "here", FIRST)

    (tmp_path / "here").rename(tmp_path / "there")

    assert standing(tmp_path / "there") == FIRST


def test_the_same_documents_twice_change_nothing(tmp_path: Path) -> None:
    first = publish(tmp_path, FIRST)
    before = times(tmp_path)

    second = publish(tmp_path, dict(reversed(FIRST.items())))

    assert (second.generation, second.changed, second.removed) == (first.generation, (), ())
    assert times(tmp_path) == before
    assert generations(tmp_path) == {first.generation}


def test_unchanged_files_keep_their_times_and_changed_ones_are_told(tmp_path: Path) -> None:
    publish(tmp_path, FIRST)
    before = times(tmp_path)

    report = publish(tmp_path, SECOND)

    assert report.changed == ("all.atom", "youth.atom")
    assert report.unchanged == 2
    after = times(tmp_path)
    assert {name for name in FIRST if after[name] == before[name]} == {"all.html", "all.rss"}


def test_a_changed_file_is_a_second_newer_even_within_the_same_second(tmp_path: Path) -> None:
    publish(tmp_path, FIRST)
    seconds = [int((tmp_path / "current" / "all.atom").stat().st_mtime)]

    for body in (b"2", b"3", b"one"):
        publish(tmp_path, {**FIRST, "all.atom": body})
        seconds.append(int((tmp_path / "current" / "all.atom").stat().st_mtime))

    assert seconds == sorted(set(seconds)), "a server that compares seconds must never say 304 to new bytes"


def test_files_that_are_no_more_are_told(tmp_path: Path) -> None:
    publish(tmp_path, SECOND)

    assert publish(tmp_path, THIRD).removed == ("all.html", "all.rss", "youth.atom")
    assert standing(tmp_path) == THIRD


def test_the_generation_before_is_kept_and_one_more_as_material_for_the_next(tmp_path: Path) -> None:
    first = publish(tmp_path, FIRST)
    second = publish(tmp_path, SECOND)
    third = publish(tmp_path, THIRD)
    assert generations(tmp_path) == {first.generation, second.generation, third.generation}

    fourth = publish(tmp_path, {**SECOND, "new.atom": b"new"})

    assert generations(tmp_path) == {second.generation, third.generation, fourth.generation}
    assert (tmp_path / "generations" / "previous").readlink() == Path(third.generation)


@pytest.mark.parametrize("damage", ["changed", "deleted", "added", "added packed", "a folder of one"])
def test_whatever_happened_to_the_material_the_next_generation_is_whole(tmp_path: Path, damage: str) -> None:
    first = publish(tmp_path, FIRST)
    publish(tmp_path, SECOND)
    third = publish(tmp_path, THIRD)
    old = tmp_path / "generations" / first.generation
    victim = old / {"added": "stranger.txt", "added packed": "late.atom.gz"}.get(damage, "all.rss")
    victim.unlink(missing_ok=True)
    if damage == "a folder of one":
        (tmp_path / "generations" / f"{first.generation}.record").write_bytes(b"")
    elif damage != "deleted":
        victim.write_bytes(b"meddled")

    publish(tmp_path, {**FIRST, "late.atom": b"late"})

    assert standing(tmp_path) == {**FIRST, "late.atom": b"late"}
    roll_back(tmp_path)
    assert standing(tmp_path) == THIRD
    assert (tmp_path / "current").readlink().name == third.generation


def test_bytes_are_never_written_into_a_file_that_another_generation_shares(tmp_path: Path) -> None:
    chance, before = random.Random(5), dict[str, bytes]()
    for _ in range(40):
        documents = {
            f"{name}.atom": chance.choice((b"a", b"b" * 99, b"c"))
            for name in "abcdef"[: chance.randint(1, 6)]
        }
        publish(tmp_path, documents)
        assert standing(tmp_path) == documents
        if before and before != documents:
            roll_back(tmp_path)
            assert standing(tmp_path) == before
            roll_back(tmp_path)
        before = documents


def test_documents_that_come_back_are_a_generation_of_their_own(tmp_path: Path) -> None:
    for documents in (FIRST, SECOND, FIRST, SECOND, FIRST):
        publish(tmp_path, documents)
        assert standing(tmp_path) == documents
        assert len(generations(tmp_path)) <= 3


@pytest.mark.parametrize("damage", ["changed", "deleted", "added"])
def test_a_generation_that_somebody_meddled_with_is_repaired(tmp_path: Path, damage: str) -> None:
    publish(tmp_path, FIRST)
    victim = tmp_path / "current" / ("all.rss" if damage != "added" else "foreign.txt")
    if damage == "deleted":
        victim.unlink()
    else:
        victim.write_bytes(b"meddled")

    publish(tmp_path, FIRST)

    assert standing(tmp_path) == FIRST


@pytest.mark.parametrize("name", [".well-known", "stranger", "all.rss", "youth.atom", "all.atom.gz"])
def test_a_folder_within_a_generation_is_in_the_way_of_none_that_follows(tmp_path: Path, name: str) -> None:
    publish(tmp_path, FIRST)
    victim = tmp_path / "current" / name
    victim.unlink(missing_ok=True)
    (victim / "deep").mkdir(parents=True)
    (victim / "deep" / "file").write_text("no feed")
    assert name not in published_names(tmp_path)

    for documents in (SECOND, THIRD, FIRST, SECOND, {**FIRST, "late.atom": b"late"}):
        publish(tmp_path, documents)
        assert standing(tmp_path) == documents


def test_a_packed_form_that_is_none_of_ours_is_never_taken_in(tmp_path: Path) -> None:
    publish(tmp_path, FIRST)
    (tmp_path / "current" / "all.atom.br").write_bytes(brotli.compress(b"no feed"))
    draft = PendingDocuments(names=("all.atom",), revision=b"2" * 16, write=lambda _: {"all.atom": b"one"})

    with take_turn(tmp_path) as turn, Build(turn) as build:
        assert not build.keeps(draft), "another program writes it"
        build.write(draft, draft.write({}))
        build.finish()

    assert standing(tmp_path) == {"all.atom": b"one"}


def test_what_a_killed_publish_left_behind_is_cleaned_up(tmp_path: Path) -> None:
    report = publish(tmp_path, FIRST)
    left = tmp_path / "generations"
    (left / "half.new").mkdir()
    (left / "half.new" / "all.atom").write_bytes(b"ha")
    (left / "complete").mkdir()
    (left / ".current.new").symlink_to("complete")
    (left / "stray").write_bytes(b"")

    publish(tmp_path, FIRST)

    assert {path.name for path in left.iterdir()} == {
        report.generation,
        f"{report.generation}.record",
        ".lock",
    }


def test_names_of_the_standing_generation_are_told(tmp_path: Path) -> None:
    assert published_names(tmp_path / "absent") == frozenset()

    publish(tmp_path, FIRST)

    assert published_names(tmp_path) == set(FIRST)


@pytest.mark.parametrize("target", ["generations/gone", "/nowhere", "elsewhere/x", "gone"])
def test_a_link_that_leads_nowhere_is_replaced(tmp_path: Path, target: str) -> None:
    (tmp_path / "current").symlink_to(target)

    assert published_names(tmp_path) == frozenset()
    publish(tmp_path, FIRST)

    assert standing(tmp_path) == FIRST


@pytest.mark.parametrize("name", ["../up", "a/b", ".hidden", "", "Übung", "a b"])
def test_a_name_that_would_leave_the_folder_is_a_bug(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="name of a published document"):
        publish(tmp_path, {name: b""})


# ---- what goes wrong outside


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_something_else_called_current_is_never_replaced(tmp_path: Path, kind: str) -> None:
    if kind == "file":
        (tmp_path / "current").write_text("mine")
    else:
        (tmp_path / "current").mkdir()

    with pytest.raises(FeedError, match="Move it away"):
        publish(tmp_path, FIRST)
    with pytest.raises(FeedError, match="Move it away"):
        published_names(tmp_path)

    assert not (tmp_path / "current").is_symlink()


@pytest.mark.parametrize("inside", [".", "feeds"])
def test_a_file_in_the_way_of_the_folder_is_told(tmp_path: Path, inside: str) -> None:
    (tmp_path / "here").write_text("")

    with pytest.raises(FeedError, match=r"of that name exists|is a file"):
        publish(tmp_path / "here" / inside, FIRST)


FAILURES = {
    errno.ENOSPC: "Free some disk space",
    errno.EDQUOT: "quota",
    errno.EACCES: "Allow this user to write",
    errno.EROFS: "read-only",
    errno.EIO: "Find the cause",
}


@pytest.mark.parametrize("number", FAILURES)
@pytest.mark.parametrize("call", ["fsync", "rename", "replace", "symlink", "mkdir", "link"])
def test_when_the_disk_refuses_the_old_generation_stands_and_the_cure_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, number: int
) -> None:
    publish(tmp_path, FIRST)

    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number), str(tmp_path / "generations"))

    with monkeypatch.context() as patched:
        patched.setattr(os, call, refuse)
        with pytest.raises(FeedError, match=FAILURES[number]) as raised:
            publish(tmp_path, SECOND)

    assert "The previous generation is still published" in str(raised.value)
    assert standing(tmp_path) == FIRST
    publish(tmp_path, SECOND)
    assert standing(tmp_path) == SECOND
    assert len(generations(tmp_path)) == 2


@pytest.mark.parametrize("number", [errno.EPERM, errno.ENOTSUP, errno.EMLINK])
def test_without_hard_links_files_are_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    publish(tmp_path, FIRST)

    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "link", refuse)
    publish(tmp_path, SECOND)

    assert standing(tmp_path) == SECOND


def test_a_full_disk_gets_back_the_space_of_the_attempt(tmp_path: Path) -> None:
    program = f"""
import resource
from pathlib import Path
from tests.feeds.whole import publish
publish(Path({str(tmp_path)!r}), {FIRST!r})
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
try:
    publish(Path({str(tmp_path)!r}), {{"a.html": b"x" * 50_000, "b.html": b"x" * 500_000}})
except Exception as error:
    print(type(error).__name__, error)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )

    assert done.stdout.startswith("FeedError The feeds cannot be published")
    assert standing(tmp_path) == FIRST
    assert len(generations(tmp_path)) == 1


LONG = {"all.atom": b"news " * 200, "all.rss": b"short"}


def test_a_document_has_its_packed_forms_beside_it_where_they_are_shorter(tmp_path: Path) -> None:
    report = publish(tmp_path, LONG)
    packed = tmp_path / "current" / "all.atom.gz"

    names = {path.name for path in (tmp_path / "current").iterdir()}
    assert names == {*LONG, "all.atom.gz", "all.atom.br"}
    assert report.changed == tuple(sorted(LONG))
    assert published_names(tmp_path) == set(LONG)
    assert gzip.decompress(packed.read_bytes()) == LONG["all.atom"]
    assert brotli.decompress(packed.with_suffix(".br").read_bytes()) == LONG["all.atom"]
    assert len({at for at, _ in times(tmp_path).values()} - {times(tmp_path)["all.rss"][0]}) == 1


def test_packed_forms_hold_no_time_and_no_name(tmp_path: Path) -> None:
    publish(tmp_path / "one", LONG)
    publish(tmp_path / "two", {"youth.rss": LONG["all.atom"]})

    for ending in ("gz", "br"):
        one, two = tmp_path / f"one/current/all.atom.{ending}", tmp_path / f"two/current/youth.rss.{ending}"
        assert one.read_bytes() == two.read_bytes()


@pytest.mark.parametrize("ending", ["gz", "br"])
def test_packed_forms_are_kept_and_changed_with_their_document(tmp_path: Path, ending: str) -> None:
    publish(tmp_path, LONG)
    before = times(tmp_path)
    publish(tmp_path, {**LONG, "all.rss": b"other"})
    kept = times(tmp_path)
    publish(tmp_path, {**LONG, "all.atom": b"other " * 200})

    assert kept[f"all.atom.{ending}"] == before[f"all.atom.{ending}"]
    assert times(tmp_path)[f"all.atom.{ending}"] != before[f"all.atom.{ending}"]
    assert standing(tmp_path)["all.atom"] == b"other " * 200


@pytest.mark.parametrize("refused", [1, 2, 3])
def test_where_nothing_can_be_linked_documents_and_packed_forms_are_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused: int
) -> None:
    publish(tmp_path, LONG)
    before, link, calls = times(tmp_path), os.link, list[str]()

    def refuse(file: str, *there: str, **more: int | None) -> None:
        calls.append(file)
        if len(calls) >= refused:
            raise OSError(errno.EMLINK, "too many links")
        link(file, *there, **more)  # type: ignore[arg-type] # as it was called

    monkeypatch.setattr(os, "link", refuse)
    publish(tmp_path, {**LONG, "new.rss": b"new"})

    assert {name: at for name, (at, _) in times(tmp_path).items() if name in before} == {
        name: at for name, (at, _) in before.items()
    }
    assert standing(tmp_path) == {**LONG, "new.rss": b"new"}
    assert (tmp_path / "current" / "all.atom.gz").is_file()


def test_rolling_back_lets_the_generation_before_stand_and_a_second_time_undoes_it(tmp_path: Path) -> None:
    publish(tmp_path, FIRST)
    publish(tmp_path, SECOND)

    roll_back(tmp_path)
    assert standing(tmp_path) == FIRST
    roll_back(tmp_path)
    assert standing(tmp_path) == SECOND
    assert len(generations(tmp_path)) == 2


def test_after_rolling_back_the_next_publish_goes_on_from_there(tmp_path: Path) -> None:
    publish(tmp_path, FIRST)
    publish(tmp_path, SECOND)
    roll_back(tmp_path)

    assert publish(tmp_path, SECOND).changed == ("all.atom", "youth.atom")
    assert standing(tmp_path) == SECOND


def test_there_is_nothing_to_roll_back_to_before_the_second_publish(tmp_path: Path) -> None:
    publish(tmp_path, FIRST)

    with pytest.raises(FeedError, match="no previous generation"):
        roll_back(tmp_path)
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(FeedError, match="cannot be published"):
        roll_back(tmp_path / "file")


def test_a_document_that_stands_is_read_back_and_nothing_else(tmp_path: Path) -> None:
    assert published_body(tmp_path, "all.atom") is None
    publish(tmp_path, FIRST)

    assert published_body(tmp_path, "all.atom") == FIRST["all.atom"]
    assert published_body(tmp_path, "none.atom") is None
    assert published_body(tmp_path, "../all.atom") is None


def test_two_publishers_at_once_leave_one_of_both_generations(tmp_path: Path) -> None:
    choices = [
        {"all.atom": bytes([65 + number]) * 1000, "all.rss": bytes([65 + number])} for number in range(4)
    ]
    failures: list[BaseException] = []

    def work(documents: dict[str, bytes]) -> None:
        try:
            for _ in range(10):
                publish(tmp_path, documents)
        except BaseException as error:  # noqa: BLE001 # whatever it is, the test below tells it
            failures.append(error)

    threads = [threading.Thread(target=work, args=(documents,)) for documents in choices]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert standing(tmp_path) in choices
    assert len(generations(tmp_path)) <= 3


def test_a_publish_that_waits_too_long_says_so(tmp_path: Path) -> None:
    publish(tmp_path, FIRST)

    with take_turn(tmp_path), pytest.raises(FeedError, match="Another publish"):
        publish(tmp_path, SECOND, patience_s=0.1)

    assert standing(tmp_path) == FIRST


# ---- kill -9

CHILD = """
import os, random, signal, sys, threading
from pathlib import Path
from tests.feeds.whole import publish
folder, step, delay = Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
documents = {f"{n}.atom": (b"%d" % n if n % 3 == 0 else sys.argv[4].encode() * 5000) for n in range(8)}
seen = 0
def on_step(event, arguments):
    global seen
    within = event in {"os.link", "os.remove"} or any(str(folder) in str(part) for part in arguments)
    if event in WATCHED and within:
        seen += 1
        if seen == step:
            os.kill(os.getpid(), signal.SIGKILL)
WATCHED = {"open", "os.mkdir", "os.link", "os.rename", "os.symlink", "os.remove", "os.rmdir", "os.utime",
           "os.listdir", "os.scandir", "shutil.rmtree"}
if step:
    sys.addaudithook(on_step)
if delay:
    threading.Timer(delay, os.kill, (os.getpid(), signal.SIGKILL)).start()
for _ in range(200 if delay else 1):
    publish(folder, documents)
    if delay:
        documents["0.atom"] = random.randbytes(8) + b"whole"
"""


def run_child(folder: Path, text: str, *, step: int = 0, delay: float = 0) -> bool:
    """Publish in a process of its own; True if it lived to the end."""
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(folder), str(step), str(delay), text],
        capture_output=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode in (0, -9), done.stderr.decode()
    return done.returncode == 0


@pytest.mark.slow
def test_killed_at_any_step_one_complete_generation_stands(
    tmp_path: Path, effort: str, proof: Callable[[str, str], None]
) -> None:
    """Kill a publish at its first step, then at its second (or some further), and so on, until it lives."""
    stride = 1 if effort == "full" else 5
    assert run_child(tmp_path, "a")
    a = standing(tmp_path)
    assert run_child(tmp_path, "b")
    b = standing(tmp_path)
    wanted, old = ("a", a), ("b", b)
    step = 1
    while not run_child(tmp_path, wanted[0], step=step):
        assert standing(tmp_path) in (old[1], wanted[1]), f"killed at step {step}"
        assert run_child(tmp_path, wanted[0]), "the next publish must succeed"
        assert standing(tmp_path) == wanted[1]
        assert not [path for path in (tmp_path / "generations").iterdir() if ".new" in path.name]
        assert len(generations(tmp_path)) <= 3
        wanted, old, step = old, wanted, step + stride

    assert step > 25, "the child must have been killed at every step of its work"
    killed = (step - 1) // stride
    proof("Publishing killed at each step", f"{killed} kills, always one complete generation")


def whole(found: Mapping[str, bytes]) -> bool:
    """Return whether documents are those of one generation of the child."""
    changing = {found[name] for name in found.keys() - {"0.atom", "3.atom", "6.atom"}}
    return (
        set(found) == {f"{number}.atom" for number in range(8)}
        and re.fullmatch(rb"0|.{8}whole", found["0.atom"], re.DOTALL) is not None
        and all(found[name] == name.removesuffix(".atom").encode() for name in ("3.atom", "6.atom"))
        and changing in ({b"a" * 5000}, {b"b" * 5000})
    )


@contextmanager
def polled(folder: Path) -> Iterator[list[str]]:
    """Ask a server on the folder for every document again and again; give what was wrong with its answers."""
    seconds = itertools.count()
    documents = StaticDocuments(folder, max_age_s=1, monotonic=lambda: float(next(seconds)))
    app = StaticFeeds(Starlette(), documents)
    broken: list[str] = []
    stop = threading.Event()

    def ask() -> None:
        with TestClient(app) as client:
            while not stop.is_set():
                for number in range(8):
                    answer = client.get(f"/feeds/{number}.atom")
                    body = answer.content
                    if answer.status_code != 200 or answer.headers["etag"].strip('"')[:32] != etag_of(body):
                        broken.append(f"{number}.atom: {answer.status_code}, {len(body)} bytes")

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield broken
    finally:
        stop.set()
        thread.join()


def etag_of(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:32]


@pytest.mark.slow
def test_killed_at_any_moment_one_complete_generation_stands_and_is_served(
    tmp_path: Path, effort: str, proof: Callable[[str, str], None]
) -> None:
    times_killed = 100 if effort == "full" else 20
    run_child(tmp_path, "a")

    with polled(tmp_path) as broken:
        for number in range(times_killed):
            run_child(tmp_path, "ab"[number % 2], delay=0.1 + 0.01 * (number % 20))

            assert whole(standing(tmp_path))

    assert broken == []
    proof(
        "Publishing killed at random moments while served",
        f"{times_killed} kills, always one complete generation, no broken answer",
    )

"""Whatever a verb is given, and wherever it writes: it ends with a sentence and an exit code of 0, 1 or 2."""

import errno
import io
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import TextIO

import click
import pytest

from sse_digest.cli import cli, context
from sse_digest.cli.setup.demo import FILES
from sse_digest.rendering.resources import folder
from sse_digest.store import open_store
from tests.installation import change
from tests.running import Run

ENDLESS = {("serve",), ("demo",), ("drill",)}  # they run until stopped, or for minutes
ODD = ("", "\udcff", "x" * 5000, "-1", "9" * 30, "/", "/dev/null", "\x1b]0;x\x07")


def verbs(
    command: click.Command = cli, path: Sequence[str] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Yield every verb of the command tree with its path."""
    if isinstance(command, click.Group):
        for name in command.list_commands(click.Context(command)):
            found = command.get_command(click.Context(command), name)
            assert found is not None
            yield from verbs(found, (*path, name))
    else:
        yield tuple(path), command


VERBS = {path: verb for path, verb in verbs() if path not in ENDLESS}
each_verb = pytest.mark.parametrize("path", VERBS, ids=" ".join)


def written(path: Sequence[str], value: str) -> list[list[str]]:
    """Return command lines that give a value to each argument and option of a verb."""
    params = VERBS[tuple(path)].params
    given = [value for one in params if isinstance(one, click.Argument) and (one.required or one.nargs == 1)]
    lines = [[*path, "--", *given]] if given else []
    named = [one for one in params if isinstance(one, click.Option) and not one.is_flag]
    first = ["2023-04" if one.name == "period" else "x" for one in params if isinstance(one, click.Argument)]
    return lines + [[*path, one.opts[0], *[value] * one.nargs, "--", *first] for one in named]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The example installation, its relay not there."""
    for name in FILES:
        shutil.copyfile(folder("examples") / name, tmp_path / name)
    (tmp_path / "var").mkdir()
    (tmp_path / "secret_keys").write_text("0123456789abcdefghijklmnopqrstuvwxyzABCDEF\n")
    text = (tmp_path / "config.toml").read_text(encoding="utf-8")
    (tmp_path / "config.toml").write_text(change(text, {"port": "1"}), encoding="utf-8")
    return tmp_path


@each_verb
def test_odd_arguments_are_refused_in_words(path: tuple[str, ...], run: Run, home: Path) -> None:
    del home
    for value in ODD:
        for line in written(path, value):
            code, out, err = run(*line)
            assert code in {0, 1, 2}, line
            assert "Traceback" not in err, line
            assert "should not happen" not in err, line
            assert "\x1b" not in out + err, line


@pytest.fixture
def stdout(monkeypatch: pytest.MonkeyPatch) -> Callable[[TextIO], None]:
    return lambda stream: monkeypatch.setattr(sys, "stdout", stream)


class _Closed(io.StringIO):
    """A pipe that nobody reads, or a full disk."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number = number

    def write(self, text: str) -> int:
        if text:
            raise OSError(self._number, os.strerror(self._number))
        return 0


@pytest.mark.parametrize("line", ["--help", "send --help", "items list", "publish --host-config nginx"])
@pytest.mark.parametrize("number", [errno.EPIPE, errno.ENOSPC])
def test_an_output_that_cannot_be_written_is_told(
    line: str, number: int, run: Run, stdout: Callable[[TextIO], None], home: Path
) -> None:
    (home / "news.txt").touch()
    run("fetch")
    stdout(_Closed(number))

    code, _, err = run(*line.split())

    assert code == 1
    assert ("No space left" in err) == (number == errno.ENOSPC)
    assert "Traceback" not in err


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
@pytest.mark.parametrize("form", [(), ("--json",)])
def test_letters_that_an_encoding_lacks_are_escaped(
    encoding: str, form: tuple[str, ...], run: Run, stdout: Callable[[TextIO], None], home: Path
) -> None:
    (home / "news.txt").write_text("04 Apr 2023\nYouth \u2019 \u8ca1 \U0001f600 \u0627\n", encoding="utf-8")
    raw = io.BytesIO()
    stdout(io.TextIOWrapper(raw, encoding=encoding))

    code, _, err = run("sources", "try", "text", "news.txt", *form)

    assert (code, err) == (0, "")
    assert rb"\u8ca1 \ud83d\ude00" in raw.getvalue() or "\u8ca1 \U0001f600".encode() in raw.getvalue()


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("status 2023-04 > /dev/full", 1),
        ("items list >&-", 0),
        ("items list >&- 2>&- <&-", 0),
        ("items list --json | head -c 1", 0),
    ],
)
def test_a_shell_may_close_or_fill_the_streams(command: str, code: int, run: Run, home: Path) -> None:
    run("fetch")
    run("compose", "2023-04")

    ended = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m sse_digest {command}"],
        cwd=home,
        capture_output=True,
        check=False,
    )

    assert ended.returncode == code, ended.stderr
    assert b"Traceback" not in ended.stderr
    assert b"Exception ignored" not in ended.stderr


def test_ctrl_c_during_imports_says_so(tmp_path: Path) -> None:
    (tmp_path / "click.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}

    ended = subprocess.run(
        [sys.executable, "-m", "sse_digest", "--help"], env=environment, capture_output=True, check=False
    )

    assert (ended.returncode, ended.stderr) == (1, b"Stopped.\n")


def test_a_fault_of_the_program_is_a_sentence_too(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del home

    def fail(_: object) -> None:
        raise ZeroDivisionError("by nothing")

    monkeypatch.setattr(context.Context, "settings", fail)

    code, _, err = run("items", "list")

    assert code == 1
    assert "ZeroDivisionError in test_odd_use.py, line" in err
    assert "report it" in err
    with pytest.raises(ZeroDivisionError):
        run("--verbose", "items", "list")


def test_ctrl_c_is_answered_by_the_verb_once_it_runs(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del home
    monkeypatch.setattr(context.Context, "settings", lambda _: signal.raise_signal(signal.SIGINT))

    assert run("items", "list")[::2] == (1, "\nStopped.\n")


def _become_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


DAMAGES: dict[str, Callable[[Path], object]] = {
    "nothing": lambda file: file.write_bytes(b""),
    "text": lambda file: file.write_text("not a database, but long enough to be taken for one\n" * 99),
    "folder": _become_folder,
    "half": lambda file: file.write_bytes(file.read_bytes()[: file.stat().st_size // 2]),
    "schema": lambda file: file.write_bytes(
        file.read_bytes().replace(b"CREATE TABLE items", b"CREA\xc3\x28ABLE items")
    ),
    "table": lambda file: file.write_bytes(
        file.read_bytes().replace(b"CREATE TABLE items", b"CREATE TABLE itens")
    ),
    "tail": lambda file: file.write_bytes(file.read_bytes()[:8192] + os.urandom(file.stat().st_size - 8192)),
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A database with a source's items."""
    place = tmp_path_factory.mktemp("made") / "made.db"
    with open_store(f"sqlite:///{place}"):
        pass
    with closing(sqlite3.connect(place)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return place.read_bytes()


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("line", ["fetch", "items list", "subscribers list", "doctor"])
def test_a_damaged_database_is_told(line: str, damage: str, run: Run, home: Path, made: bytes) -> None:
    file = home / "var" / "sse-digest.db"
    file.write_bytes(made)
    DAMAGES[damage](file)

    code, out, err = run(*line.split())

    assert code in ({0, 1, 2} if damage == "nothing" else {1, 2})
    assert "Traceback" not in err
    assert "should not happen" not in err
    assert damage == "nothing" or "sse-digest.db" in out + err


@each_verb
def test_a_damaged_database_is_told_by_every_verb(
    path: tuple[str, ...], run: Run, home: Path, made: bytes
) -> None:
    file = home / "var" / "sse-digest.db"
    file.write_bytes(made)
    DAMAGES["schema"](file)

    for line in written(path, "2023-04")[:1] or [list(path)]:
        code, _, err = run(*line)
        assert code in {0, 1, 2}
        assert "Traceback" not in err
        assert "should not happen" not in err

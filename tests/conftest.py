"""Fixtures shared by all rooms, and what a run of the tests reports when it closes."""

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from pathlib import Path
from typing import Literal

import pytest
import pytest_asyncio
import structlog
from hypothesis import settings

from sse_digest.store import Store, open_store
from tests.closing import Tests, not_tested, rooms_table
from tests.proofs import Proof, facts_of_this_run, page

ROOT = Path(__file__).resolve().parents[1]
SHARED_DATA = ROOT.parent / "shared" / "data"
NEEDS = "needs "  # a skip whose reason begins so is one for want of something on this machine
BROWSERS = ("chromium", "chromium-browser", "google-chrome")

# A loaded machine is no finding.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

_proofs = pytest.StashKey[list[Proof]]()
_failed = pytest.StashKey[set[str]]()
_needs = pytest.StashKey[Counter[str]]()
_rooms = pytest.StashKey[dict[str, Tests]]()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real cases beside the project; absent on a plain clone."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"{NEEDS}../shared/data")
    return SHARED_DATA


@pytest_asyncio.fixture
async def store() -> AsyncIterator[Store]:
    """An empty database in memory, at the newest schema."""
    async with await open_store("sqlite://") as opened:
        yield opened


@pytest.fixture(autouse=True)
def _logs_as_by_default() -> Iterator[None]:
    """Undo what a verb said about logs: that holds for the whole process."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium that starts; as root it has to be told --no-sandbox."""
    # Ubuntu's command of this name may be a stub that only says what to install.
    path = next((path for path in map(shutil.which, BROWSERS) if path and starts(path)), None)
    if path is None:
        pytest.skip(f"{NEEDS}Chromium")
    if not starts(sys.executable, "-m", "playwright"):
        pytest.skip(f"{NEEDS}what Playwright's driver is linked against (libatomic1)")
    return path


def starts(*command: str) -> bool:
    """Whether a program runs far enough to tell its version."""
    return subprocess.run([*command, "--version"], capture_output=True, check=False).returncode == 0


@pytest.fixture(scope="session")
def effort() -> Literal["ci", "full"]:
    """How much to do: counts that fit a build, or the counts of the promises."""
    match os.environ.get("SSE_TEST_EFFORT", "ci"):
        case "ci":
            return "ci"
        case "full":
            return "full"
        case other:
            return pytest.fail(f"SSE_TEST_EFFORT is {other!r}; it can be ci or full")


@pytest.fixture
def proof(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Record what a test showed: `proof(name, counts)`; a full run writes it to docs/proofs.md."""
    recorded = request.config.stash[_proofs]

    def record(name: str, text: str) -> None:
        recorded.append(Proof(name=name, text=text, node_id=request.node.nodeid))

    return record


def pytest_configure(config: pytest.Config) -> None:
    """Begin the account of this run."""
    config.stash[_proofs] = []
    config.stash[_failed] = set()
    config.stash[_needs] = Counter()
    if "SSE_W3C_FEEDVALIDATOR" not in os.environ:  # not collected then, so not skipped; but told
        config.stash[_needs]["a checkout of the W3C's feed validator (SSE_W3C_FEEDVALIDATOR)"] = 1
    config.stash[_rooms] = {}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Count the report; where everything is required, turn a skip for want into a failure."""
    report = yield
    stash = item.config.stash
    reason = report.longrepr[2].removeprefix("Skipped: ") if isinstance(report.longrepr, tuple) else ""
    if report.skipped and reason.startswith(NEEDS):
        stash[_needs][reason.removeprefix(NEEDS)] += 1
        if os.environ.get("SSE_TEST_REQUIRE") == "all":
            report.outcome = "failed"
            report.longrepr = f"SSE_TEST_REQUIRE=all, but this test {reason}"
    if report.failed:
        stash[_failed].add(item.nodeid)
    inside = item.path.relative_to(ROOT / "tests").parts
    room = inside[0] if len(inside) > 1 else "whole"
    known = stash[_rooms].get(room, Tests())
    stash[_rooms][room] = Tests(
        known.number + (report.when == "call" and not report.skipped), known.seconds + report.duration
    )
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Hand the account to run.py, which closes with it; without run.py, close here."""
    rooms, needs = config.stash[_rooms], config.stash[_needs]
    target = os.environ.get("SSE_TEST_REPORT")
    if target:
        Path(target).write_text(json.dumps({"rooms": rooms, "needs": needs}), encoding="utf-8")
        return
    terminalreporter.write("\n" + "\n".join(rooms_table(rooms, {})) + "\n\n")
    for line in not_tested(needs, {}):
        terminalreporter.write_line(line, red=True, bold=True)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """After a full run of all tests, write the page of proofs."""
    config = session.config
    is_whole = config.args_source is pytest.Config.ArgsSource.TESTPATHS
    is_whole = is_whole and not (config.option.keyword or config.option.markexpr)
    proofs, failed = config.stash[_proofs], config.stash[_failed]
    if is_whole and os.environ.get("SSE_TEST_EFFORT") == "full" and proofs:
        facts = facts_of_this_run(ROOT)
        text = page(
            proofs, failed, [*facts, f"Tests: {session.testscollected}, failed: {session.testsfailed}"]
        )
        (ROOT / "docs" / "proofs.md").write_text(text, encoding="utf-8")

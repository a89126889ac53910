"""Fixtures shared by all rooms, and what a run of the tests reports when it closes."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Literal

import pytest
import structlog
from hypothesis import settings

from sse_digest.store import Store, open_store
from tests.account import NEED, PROOF, Account

ROOT = Path(__file__).resolve().parents[1]
SHARED_DATA = ROOT.parent / "shared" / "data"
NEEDS = "needs "  # a skip whose reason begins so is one for want of something on this machine
SLOW_FIXTURES = {"chromium"}  # whoever asks for one of these is marked slow
BROWSERS = ("chromium", "chromium-browser", "google-chrome")

# A loaded machine is no finding.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real cases beside the project; absent on a plain clone."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"{NEEDS}../shared/data")
    return SHARED_DATA


@pytest.fixture
def store() -> Iterator[Store]:
    """An empty database in memory, at the newest schema."""
    with open_store("sqlite://") as opened:
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
    """Return whether a program runs far enough to tell its version."""
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

    def record(name: str, text: str) -> None:
        request.node.user_properties.append((PROOF, [name, text]))

    return record


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that start a browser as slow; `run.py test --fast` leaves them out."""
    for item in items:
        if isinstance(item, pytest.Function) and SLOW_FIXTURES.intersection(item.fixturenames):
            item.add_marker(pytest.mark.slow)


def pytest_configure(config: pytest.Config) -> None:
    """Begin the account of this run, in the process that the reports of all others come to."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Account(config, ROOT))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note a skip for want; where everything is required, turn it into a failure."""
    report = yield
    reason = report.longrepr[2].removeprefix("Skipped: ") if isinstance(report.longrepr, tuple) else ""
    if report.skipped and reason.startswith(NEEDS):
        report.user_properties.append((NEED, reason.removeprefix(NEEDS)))
        if os.environ.get("SSE_TEST_REQUIRE") == "all":
            report.outcome = "failed"
            report.longrepr = f"SSE_TEST_REQUIRE=all, but this test {reason}"
    return report

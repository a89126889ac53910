"""run.py: what it prints, what it passes to uv, and that it never lets a service start."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import run

ROOT = Path(__file__).resolve().parents[1]


def call(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, ROOT / "run.py", *arguments], capture_output=True, text=True, check=False
    )


def test_its_help_names_every_verb() -> None:
    done = call("--help")

    assert done.returncode == 0
    assert [verb for verb in run.VERBS if f"\n  {verb} " not in done.stdout] == []


@pytest.mark.parametrize("arguments", [(), ("polish",), ("check", "all"), ("docs", "html")])
def test_wrong_use_ends_with_2_and_one_line(arguments: tuple[str, ...]) -> None:
    done = call(*arguments)

    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1


def test_it_uses_only_the_standard_library() -> None:
    isolated = [sys.executable, "-S", "-I", str(ROOT / "run.py"), "--help"]

    assert subprocess.run(isolated, capture_output=True, check=False).returncode == 0


@pytest.fixture
def policy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where package scripts would ask, moved away from this machine's own."""
    path = tmp_path / "policy-rc.d"
    monkeypatch.setattr(run, "POLICY", path)
    return path


def test_services_are_forbidden_only_while_packages_are_installed(policy: Path) -> None:
    with run.no_services():
        asked = subprocess.run([policy, "postgresql", "start"], check=False).returncode

    assert asked == 101
    assert not policy.exists()


def test_the_policy_is_removed_also_after_a_failure(policy: Path) -> None:
    with pytest.raises(OSError, match="disk"), run.no_services():
        raise OSError("disk")

    assert not policy.exists()


def test_a_policy_of_the_machine_is_left_alone(policy: Path) -> None:
    policy.write_text("#!/bin/sh\nexit 0\n", encoding="utf-8")

    with run.no_services():
        assert policy.read_text(encoding="utf-8") == "#!/bin/sh\nexit 0\n"

    assert policy.exists()


def test_a_policy_that_a_killed_run_left_is_removed(policy: Path) -> None:
    policy.write_text(run.POLICY_TEXT, encoding="utf-8")

    with run.no_services():
        assert policy.exists()

    assert not policy.exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_interrupt_waits_until_the_packages_are_installed(policy: Path, number: signal.Signals) -> None:
    reached = []

    with pytest.raises(SystemExit) as left, run.no_services():
        os.kill(os.getpid(), number)
        reached.append(policy.exists())

    assert reached == [True]
    assert left.value.code == 128 + number
    assert not policy.exists()


@pytest.fixture
def fresh_environment() -> Iterator[None]:
    """Forget what was found out about this machine, before and after."""
    run.environment.cache_clear()
    yield
    run.environment.cache_clear()


@pytest.mark.usefixtures("fresh_environment")
def test_uv_gets_the_configuration_of_pip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    for name in run.UV_NAMES.values():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("UV_SYSTEM_CERTS", raising=False)
    monkeypatch.setenv("PIP_INDEX_URL", "https://packages.example.org/all")
    monkeypatch.setenv("PIP_FIND_LINKS", f"{wheels} {tmp_path / 'absent'}")
    monkeypatch.setenv("PIP_CERT", "/etc/own.pem")

    told = run.environment()

    assert told["UV_DEFAULT_INDEX"] == "https://packages.example.org/all"
    assert told["UV_FIND_LINKS"] == str(wheels)
    assert told["SSL_CERT_FILE"] == "/etc/own.pem"
    assert told["UV_SYSTEM_CERTS"] == "1"


@pytest.mark.usefixtures("fresh_environment")
def test_an_existing_configuration_of_uv_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "https://packages.example.org/all")
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://own.example.org/")

    assert run.environment()["UV_DEFAULT_INDEX"] == "https://own.example.org/"


@pytest.mark.usefixtures("fresh_environment")
def test_fast_tests_leave_out_the_slow_ones_and_install_no_system_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands: list[tuple[str | Path, ...]] = []

    def call(*command: str | Path) -> int:
        commands.append(command)
        return 0

    def prepare_tests() -> dict[str, str]:
        pytest.fail("system packages were asked for")

    monkeypatch.setattr(run, "RUN", tmp_path)
    monkeypatch.setattr(run, "call", call)
    monkeypatch.setattr(run, "install", lambda _: None)
    monkeypatch.setattr(run, "prepare_tests", prepare_tests)

    assert run.test(["--fast", "tests/model"]) == 0

    words = list(map(str, commands[0]))
    assert words[words.index("pytest") :] == [
        *("pytest", "--numprocesses", "auto", "--dist", "worksteal", "-m", "not slow", "tests/model")
    ]


def test_tests_that_ask_for_a_browser_are_slow() -> None:
    asking = "tests/feeds/test_accessible.py::test_axe_finds_nothing_on_any_kind_of_page"
    command = (sys.executable, "-m", "pytest", "--collect-only", "-q", "-m", "not slow", asking)
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == pytest.ExitCode.NO_TESTS_COLLECTED
    assert "deselected" in done.stdout


def test_packages_that_only_root_can_install_are_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    lacking = run.SystemPackage("no-such-package", ("no-such-command",), "tests want it")
    monkeypatch.setattr(run, "TEST_PACKAGES", (lacking,))
    monkeypatch.setattr(run, "can_install", lambda: False)

    assert run.prepare_tests() == {
        "no-such-package": "tests want it; only root on Debian or Ubuntu can install it here"
    }


def test_ubuntus_stub_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    stub = run.SystemPackage("no-such-package", (), "tests want it", on_ubuntu=False)
    monkeypatch.setattr(run, "TEST_PACKAGES", (stub,))
    monkeypatch.setattr(run, "can_install", lambda: True)
    monkeypatch.setattr(run, "distribution", lambda: frozenset({"ubuntu", "debian"}))

    assert "stub" in run.prepare_tests()["no-such-package"]


def test_a_command_on_the_path_counts_as_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    present = run.SystemPackage("no-such-package", ("sh",), "tests want it")
    monkeypatch.setattr(run, "TEST_PACKAGES", (present,))
    monkeypatch.setattr(run, "can_install", lambda: True)

    assert run.prepare_tests() == {}

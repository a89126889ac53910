#!/usr/bin/env python3
"""Set up the project and run one part of it. Needs nothing but Python 3.11 or newer.

usage: python3 run.py VERB [ARGUMENT ...]

  demo [DIR] [--serve]     read a sample page, publish feeds, compose and send to a mail server of its own
  test [PYTEST ARGUMENT]   the tests; without arguments also minutes and coverage of each room
  test --fast [ARGUMENT]   no browser, no Postfix, no killed process, no system package; at most 3 minutes
  check                    all other checks: style, types, imports, documentation
  bench NAME [ARG]         speed and memory, compared with other programs
  docs                     the documentation, built into docs/_build/html

The first use makes .venv, installs uv and then the project with the versions of constraints.txt.
Later uses install again only when pyproject.toml or constraints.txt has changed. This machine's
configuration of pip and uv (index, certificates, links) is respected.

On Debian and Ubuntu, as root, missing system packages are installed and each added package is
printed; no system service is started. Elsewhere the program continues without them, and the tests
end with a list of what was not tested.

environment:
  SSE_TEST_REQUIRE=all     a test fails if it lacks a system package or the data beside the project
  SSE_TEST_EFFORT=full     the large counts; a full run then writes its result to docs/proofs.md

exit codes: that of the part run; 1 if the set-up failed or coverage is too low; 2 for wrong usage.
"""

from __future__ import annotations

import ast
import contextlib
import fcntl
import hashlib
import importlib.util
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple, NoReturn

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
RUN = ROOT / ".run"  # what a run leaves: lock, coverage data, reports
CONSTRAINTS = ROOT / "constraints.txt"
STAMP = VENV / "sse-digest.json"  # what was installed last, and from which files
DOCS_BUILD = ROOT / "docs" / "_build"
SPHINX_OPTIONS = ("-W", "--keep-going", "-q", "-d", f"{DOCS_BUILD}/doctrees")  # a warning is an error
SPHINX = ("sphinx-build", *SPHINX_OPTIONS, "-b", "html", "docs", f"{DOCS_BUILD}/html")
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
POLICY = Path("/usr/sbin/policy-rc.d")  # asked by Debian's package scripts before they start a service
POLICY_TEXT = "#!/bin/sh\n# made by sse-digest's run.py while it installs packages\nexit 101\n"
UV_NAMES = {  # pip's options and what uv calls them
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "no-index": "UV_NO_INDEX",
    "cert": "SSL_CERT_FILE",
}


class SystemPackage(NamedTuple):
    """A Debian package that tests want."""

    name: str
    commands: tuple[str, ...]  # any of these on the path means it is there; none: ask dpkg
    why: str
    on_ubuntu: bool = True  # False: Ubuntu's package of this name is only a stub for a snap


BROWSERS = ("chromium", "chromium-browser", "google-chrome")
TEST_PACKAGES = (
    SystemPackage("chromium", BROWSERS, "tests open mails and pages in it", on_ubuntu=False),
    SystemPackage("libatomic1", (), "the driver of that browser does not start without it"),
    SystemPackage("fonts-dejavu-core", (), "without it pages show empty boxes instead of letters"),
    SystemPackage("postfix", ("postfix",), "tests send through it"),
    SystemPackage("nginx-light", ("nginx",), "tests run it with our configuration"),
    # Each of these checks mails as a receiver's program does.
    *(SystemPackage(name, (name,), "tests ask it") for name in ("spamassassin", "rspamd", "opendkim", "w3m")),
)


class SetupError(Exception):
    """The set-up cannot continue; the message says why and what to do."""


def say(line: str) -> None:
    """Print a line of run.py itself, unbuffered."""
    print(f"run.py: {line}", flush=True)


@cache
def distribution() -> frozenset[str]:
    """Return the ids of this system and its ancestors from os-release; empty without that file."""
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        return frozenset()
    return frozenset([release["ID"], *release.get("ID_LIKE", "").split()])


def can_install() -> bool:
    """Return whether this is Debian or Ubuntu and we are root."""
    return bool(distribution() & {"debian", "ubuntu"}) and os.geteuid() == 0 and bool(shutil.which("apt-get"))


@contextlib.contextmanager
def no_services() -> Iterator[None]:
    """Keep package scripts from starting services, and interrupts from stopping them half-way.

    A policy that the machine already has is left alone. Our own is always removed, also one
    that a killed run left.
    """
    caught: list[int] = []
    previous = {
        number: signal.signal(number, lambda number, _frame: caught.append(number))
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    ours = not POLICY.exists() or POLICY.read_bytes() == POLICY_TEXT.encode()
    try:
        if ours:
            POLICY.write_text(POLICY_TEXT, encoding="utf-8")
            POLICY.chmod(0o755)
        yield
    finally:
        if ours:
            POLICY.unlink(missing_ok=True)
        for number, handler in previous.items():
            signal.signal(number, handler)
    if caught:
        sys.exit(128 + caught[0])


def apt_get(*arguments: str) -> str:
    """Run apt-get without questions; return its output if it failed, else an empty string."""
    done = subprocess.run(
        ["apt-get", "-o", "DPkg::Lock::Timeout=300", "-y", *arguments],
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        start_new_session=True,  # Ctrl-C is ours to hold back, see no_services
    )
    return done.stdout or "apt-get failed without a message" if done.returncode else ""


def installed_packages() -> frozenset[str]:
    """Return the names of all installed Debian packages."""
    query = ["dpkg-query", "-W", "-f", "${db:Status-Abbrev}${Package}\n"]
    listed = subprocess.run(query, capture_output=True, text=True, check=False).stdout
    return frozenset(line[3:] for line in listed.splitlines() if line.startswith("ii "))


def install_packages(names: Sequence[str]) -> None:
    """Install Debian packages and print each one added; start no service.

    Raises:
        SetupError: apt-get failed, also after updating its package lists.
    """
    say(f"installing system packages: {' '.join(names)}")
    before = installed_packages()
    install = ("install", "--no-install-recommends", *names)
    with no_services():
        listed = any(Path("/var/lib/apt/lists").glob("*_Packages*"))
        failure = apt_get(*install) if listed else "no package lists yet"
        if failure:  # usually the package lists are old or missing
            failure = apt_get("update") or apt_get(*install)
    added = sorted(installed_packages() - before)
    say(textwrap.fill(f"added {len(added)} system packages: {' '.join(added)}", 100, break_on_hyphens=False))
    if failure:
        raise SetupError(f"apt-get could not install {' '.join(names)}:\n{failure[-2000:]}")


def prepare_tests() -> dict[str, str]:
    """Install the system packages for tests; return those that could not be installed, with the reason."""
    known = installed_packages() if shutil.which("dpkg-query") else frozenset()
    lacking = [
        package
        for package in TEST_PACKAGES
        if package.name not in known and not any(map(shutil.which, package.commands))
        if known or package.commands  # without dpkg it is unknown
    ]
    stubs = [package for package in lacking if "ubuntu" in distribution() and not package.on_ubuntu]
    absent = {p.name: f"{p.why}; Ubuntu has only a stub for a snap, install it yourself" for p in stubs}
    wanted = [package for package in lacking if package not in stubs]
    if wanted and can_install():
        try:
            install_packages([package.name for package in wanted])
        except SetupError as error:
            say(str(error))
            return absent | {p.name: f"{p.why}; apt-get could not install it" for p in wanted}
    elif wanted:
        absent |= {p.name: f"{p.why}; only root on Debian or Ubuntu can install it here" for p in wanted}
    return absent


@cache
def environment() -> dict[str, str]:
    """Return the environment for all programs started here: uv gets the configuration of pip."""
    result = {**os.environ, "UV_SYSTEM_CERTS": os.environ.get("UV_SYSTEM_CERTS", "1")}
    listing = subprocess.run(
        [str(PYTHON), "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    )
    # In pip's order of precedence, because the order of its listing differs between versions.
    ranks = {":env:": 0, "install": 1}
    for line in sorted(listing.stdout.splitlines(), key=lambda line: ranks.get(line.split(".")[0], 2)):
        key, _, quoted = line.partition("=")
        name = UV_NAMES.get(key.rpartition(".")[2])
        if name is None:
            continue
        words = str(ast.literal_eval(quoted)).split()
        if name == "UV_FIND_LINKS":  # pip ignores a folder that does not exist, uv does not
            words = [word for word in words if "://" in word or Path(word).exists()]
        result.setdefault(name, ("," if name == "UV_FIND_LINKS" else " ").join(words))
    return {key: value for key, value in result.items() if value or not key.startswith("UV_")}


def call(*command: str | Path) -> int:
    """Run a program of .venv in the project's folder; return its exit code."""
    return subprocess.run(command, cwd=ROOT, env=environment(), check=False).returncode


def must(what: str, *command: str | Path) -> None:
    """Run a step of the set-up.

    Raises:
        SetupError: it failed; its own output is above.
    """
    if call(*command):
        raise SetupError(f"{what} failed, see above. Correct the cause, then run the same command again.")


def make_venv() -> None:
    """Make .venv with pip unless it exists and works; on Debian, as root, install what that needs."""
    probe = [str(PYTHON), "-c", "import pip"]
    if PYTHON.exists() and subprocess.run(probe, capture_output=True, check=False).returncode == 0:
        return
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    wanted = [] if importlib.util.find_spec("ensurepip") else [package]
    if distribution() & {"debian", "ubuntu"} and not CERTIFICATES.exists():
        wanted.append("ca-certificates")
    if wanted and can_install():
        install_packages(wanted)
    elif package in wanted:
        raise SetupError(
            f"This Python cannot make virtual environments. On Debian and Ubuntu: apt-get install {package}"
        )
    say("making .venv")
    if subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], check=False).returncode:
        raise SetupError("Making .venv failed, see above.")


def install(extras: frozenset[str]) -> None:
    """Install the project with these extras, in editable form, unless that was done already."""
    RUN.mkdir(exist_ok=True)
    with (RUN / "setup.lock").open("w") as lock:  # two runs at the same time wait for each other
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            stamp = json.loads(STAMP.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            stamp = {"root": str(ROOT), "digest": "", "extras": []}
        if stamp["root"] != str(ROOT):  # the folder was moved, so the programs in .venv do not start
            shutil.rmtree(VENV)
        make_venv()
        files = (ROOT / "pyproject.toml", CONSTRAINTS)
        digest = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
        if STAMP.exists() and stamp["digest"] == digest and extras <= set(stamp["extras"]):
            return
        extras |= set(stamp["extras"])
        names = ",".join(sorted(extras))
        say(f"installing the project{f' with {names}' if names else ''}; versions from constraints.txt")
        pip = (PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
        must("Installing uv", *pip, "--constraint", CONSTRAINTS, "uv")
        uv = (PYTHON, "-m", "uv", "pip", "install", "--quiet", "--python", PYTHON)
        pinned = ("--constraint", CONSTRAINTS, "--build-constraint", CONSTRAINTS)
        must("Installing the project", *uv, *pinned, "--editable", f".[{names}]" if names else ".")
        stamp = {"root": str(ROOT), "digest": digest, "extras": sorted(extras)}
        STAMP.write_text(json.dumps(stamp), encoding="utf-8")


def demo(arguments: list[str]) -> int:
    """Replace this process by the demo, so that it gets the signals."""
    install(frozenset())
    sys.stdout.flush()
    os.execve(VENV / "bin" / "sse-digest", ["sse-digest", "demo", *arguments], environment())  # noqa: S606  a program of ours, no shell wanted


def test(arguments: list[str]) -> int:
    """Run the tests. Without arguments, also measure them and require the coverage of each room.

    With --fast, leave out what is marked slow and install nothing for it.
    """
    absent = {} if "--fast" in arguments else prepare_tests()
    install(frozenset({"dev"}))
    report, sums = RUN / "tests.json", RUN / "coverage.json"
    for old in (report, sums, *RUN.glob("coverage/*")):
        old.unlink(missing_ok=True)
    environment()["SSE_TEST_REPORT"] = str(report)
    environment()["SSE_TEST_ABSENT"] = json.dumps(absent)
    environment()["COVERAGE_FILE"] = str(RUN / "coverage" / "data")
    parallel = ("--numprocesses", "auto", "--dist", "worksteal")
    if "--fast" in arguments:
        arguments = [*parallel, "-m", "not slow", *(one for one in arguments if one != "--fast")]
    if arguments:
        code = call(PYTHON, "-m", "pytest", *arguments)
    else:
        coverage = (PYTHON, "-m", "coverage")
        code = call(*coverage, "run", "-m", "pytest", *parallel)
        code |= call(*coverage, "combine", "--quiet") or call(*coverage, "json", "--quiet", "-o", sums)
    closing = call(PYTHON, "-m", "tests.closing", report, sums)
    return code or closing


def check(_: list[str]) -> int:
    """Run every check, even if one fails; print the output of those that failed."""
    install(frozenset({"dev", "docs"}))
    checks: dict[str, tuple[str, ...]] = {
        "ruff check": ("ruff", "check", "."),
        "ruff format": ("ruff", "format", "--check", "."),
        "mypy --strict": ("mypy", "--strict", "src", "tests", "docs", "bench", "run.py"),
        "import contracts": ("lint-imports",),
        "documentation": SPHINX,
    }
    failed = []
    for name, (program, *arguments) in checks.items():
        begun = time.monotonic()
        command = [str(VENV / "bin" / program), *arguments]
        done = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, check=False)
        word = "FAILED" if done.returncode else "ok"
        print(f"{word:7} {name}, {time.monotonic() - begun:.1f} s", flush=True)
        if done.returncode:
            failed.append(name)
            print((done.stdout + done.stderr).decode(errors="replace"), flush=True)
    print(f"failed: {', '.join(failed)}" if failed else f"all {len(checks)} checks passed")
    return int(bool(failed))


def docs(_: list[str]) -> int:
    """Build the documentation and print its path."""
    install(frozenset({"docs"}))
    code = call(VENV / "bin" / SPHINX[0], *SPHINX[1:])
    if code == 0:
        print(DOCS_BUILD / "html" / "index.html")
    return code


def bench(arguments: list[str]) -> int:
    """Run one benchmark."""
    names = sorted(file.stem for file in ROOT.glob("bench/*.py") if "def main(" in file.read_text("utf-8"))
    if not arguments or arguments[0] not in names:
        wrong_use(f"name a benchmark: {', '.join(names)}")
    install(frozenset({"dev", "bench"}))
    return call(PYTHON, "-m", f"bench.{arguments[0]}", *arguments[1:])


VERBS: dict[str, Callable[[list[str]], int]]
VERBS = {"demo": demo, "test": test, "check": check, "bench": bench, "docs": docs}


def wrong_use(message: str) -> NoReturn:
    """Print what is wrong; exit with 2."""
    print(f"run.py: {message} (see python3 run.py --help)", file=sys.stderr)
    sys.exit(2)


def main(arguments: list[str]) -> int:
    """Run the verb; return the exit code."""
    if arguments[:1] in (["-h"], ["--help"]):
        print(__doc__)
        return 0
    if not arguments or arguments[0] not in VERBS:
        wrong_use(f"{arguments[0]!r} is no verb" if arguments else f"name one of {', '.join(VERBS)}")
    verb, *rest = arguments
    if rest and verb in {"check", "docs"}:
        wrong_use(f"{verb} takes no arguments")
    try:
        return VERBS[verb](rest)
    except SetupError as error:
        print(f"run.py: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    if sys.version_info < (3, 11):  # noqa: UP036  the caller may have an older one
        wrong_use("Python 3.11 or newer is needed, this is " + sys.version.split()[0])
    sys.exit(main(sys.argv[1:]))

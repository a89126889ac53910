"""The page of proofs: what the last full run of the tests showed, and where it ran."""

import os
import platform
import subprocess
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

HEAD = """\
# Proofs

The last run of all tests with `SSE_TEST_EFFORT=full`, as `python3 run.py test` recorded it.
The tests write this page; nobody edits it.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """One claim that a test showed, with what it counted."""

    name: str
    text: str  # the counts, for people
    node_id: str  # the test that showed it


def page(proofs: Sequence[Proof], failed: Collection[str], facts: Sequence[str]) -> str:
    """Return the page in Markdown.

    Args:
        proofs: in any order; the page sorts them by name.
        failed: node ids of the tests that failed.
        facts: when and where it ran.
    """
    rows = [
        f"| {proof.name} | {proof.text} | {'failed' if proof.node_id in failed else 'passed'} |"
        for proof in sorted(proofs, key=lambda proof: proof.name)
    ]
    table = ["| Proof | Counts | Result |", "|---|---|---|", *rows]
    return "\n".join([HEAD, *(f"- {fact}" for fact in facts), "", *table, ""])


def facts_of_this_run(root: Path) -> list[str]:
    """Return date, commit, cores and versions; no name of the machine."""
    return [
        f"Date: {datetime.now(UTC):%Y-%m-%d}",
        f"Commit: {commit(root)}",
        f"Machine: {os.cpu_count()} cores, {platform.system()} {platform.machine()}",
        f"Python: {platform.python_version()}",
    ]


def commit(root: Path) -> str:
    """Return the commit that was tested, and whether files differed from it."""
    head = git(root, "rev-parse", "--short=12", "HEAD")
    if not head:
        return "unknown"
    changed = git(root, "status", "--porcelain", "--untracked-files=no")
    return f"{head}, with changes" if changed else head


def git(root: Path, *arguments: str) -> str:
    """Return git's answer; empty where git or the repository is absent."""
    try:
        done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""

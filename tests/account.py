"""The account of a run: minutes of each room, what was not tested, what was proved.

The tests may run in several processes: each report carries what it has to tell as properties, and
this plugin, which sits where all reports arrive, adds them up.
"""

import json
import os
from collections import Counter
from pathlib import Path

import pytest

from tests.closing import Tests, not_tested, rooms_table
from tests.proofs import Proof, facts_of_this_run, page

NEED = "need"  # property of a report: what a skipped test missed
PROOF = "proof"  # property of a report: name and counts of something shown
FROM_OUTSIDE = {  # what is no package: tests that need it are not collected without, so not skipped; but told
    "SSE_W3C_FEEDVALIDATOR": "a checkout of the W3C's feed validator (SSE_W3C_FEEDVALIDATOR)",
    "SSE_VNU_JAR": "the jar of the Nu HTML checker (SSE_VNU_JAR)",
}


class Account:
    """A plugin of pytest; one for a run."""

    def __init__(self, config: pytest.Config, root: Path) -> None:
        self.config = config
        self.root = root
        self.proofs: list[Proof] = []
        self.failed: set[str] = set()
        self.needs: Counter[str] = Counter()
        self.needs.update(what for variable, what in FROM_OUTSIDE.items() if variable not in os.environ)
        self.rooms: dict[str, Tests] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Add one report: of the set-up, the call or the tear-down of a test."""
        told = dict(report.user_properties)
        if NEED in told:
            self.needs[str(told[NEED])] += 1
        if report.when == "teardown":
            for key, value in report.user_properties:
                if key == PROOF and isinstance(value, list):  # a tuple would come as a list from afar
                    self.proofs.append(Proof(name=value[0], text=value[1], node_id=report.nodeid))
        if report.failed:
            self.failed.add(report.nodeid)
        inside = Path(report.nodeid.partition("::")[0]).relative_to("tests").parts
        room = inside[0] if len(inside) > 1 else "whole"
        known = self.rooms.get(room, Tests())
        is_test = report.when == "call" and not report.skipped
        self.rooms[room] = Tests(known.number + is_test, known.seconds + report.duration)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Hand the account to run.py, which closes with it; without run.py, close here."""
        target = os.environ.get("SSE_TEST_REPORT")
        if target:
            text = json.dumps({"rooms": self.rooms, "needs": self.needs})
            Path(target).write_text(text, encoding="utf-8")
            return
        terminalreporter.write("\n" + "\n".join(rooms_table(self.rooms, {})) + "\n\n")
        for line in not_tested(self.needs, {}):
            terminalreporter.write_line(line, red=True, bold=True)

    def pytest_sessionfinish(self) -> None:
        """After a full run of all tests, write the page of proofs."""
        config = self.config
        is_whole = config.args_source is pytest.Config.ArgsSource.TESTPATHS
        is_whole = is_whole and not (config.option.keyword or config.option.markexpr)
        if is_whole and os.environ.get("SSE_TEST_EFFORT") == "full" and self.proofs:
            ran = sum(room.number for room in self.rooms.values())
            facts = [*facts_of_this_run(self.root), f"Tests: {ran}, failed: {len(self.failed)}"]
            text = page(self.proofs, self.failed, facts)
            (self.root / "docs" / "proofs.md").write_text(text, encoding="utf-8")

"""The Nu HTML checker (validator.w3.org/nu): nothing but what old mail programs need.

Collected only where SSE_VNU_JAR names its jar, and `java` is there; it is no package and not ours.
"""

import json
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from sse_digest.digest.fixtures import SAMPLES, sample_issue
from tests.digest.issues import DIGEST, FIXTURES, edition_of

pytestmark = pytest.mark.slow

# Attributes of the outer table for Outlook on Windows, names of anchors for Gmail: no style does the same.
TOLERATED = re.compile(
    r"The “(?:name” attribute on the “a”|(?:align|border|cellpadding|cellspacing)” attribute on the “table”)"
    r" element is obsolete\..*|The “name” attribute is never allowed on the “a” element\."
    r"|Element “a” is missing required attribute “href”\."
)


def test_the_nu_checker_finds_nothing_in_any_fixture_or_language(
    tmp_path: Path, proof: Callable[[str, str], None]
) -> None:
    issues = {name: make() for name, make in FIXTURES.items()}
    issues |= {f"sample-{name}": sample_issue(name, DIGEST) for name in SAMPLES}
    for name, issue in issues.items():
        for language in DIGEST.languages:
            path = tmp_path / f"{name}.{language}.html"
            path.write_text(edition_of(issue, language=language).html, encoding="utf-8")
    mails = sorted(tmp_path.iterdir())

    # It ends with 1 as soon as it says anything, so what it says is looked at instead.
    done = subprocess.run(
        ["java", "-jar", os.environ["SSE_VNU_JAR"], "--format", "json", *map(str, mails)],
        capture_output=True,
        check=False,
        encoding="utf-8",
    )
    said = json.loads(done.stderr)["messages"]
    found = {
        (Path(one["url"]).name, one["message"]) for one in said if not TOLERATED.fullmatch(one["message"])
    }

    assert {Path(one["url"]).name for one in said} == {path.name for path in mails}  # it read each of them
    assert found == set()
    proof("Nu HTML checker", f"{len(mails)} mails, nothing but attributes that old mail programs need")

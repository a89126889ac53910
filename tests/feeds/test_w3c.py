"""The W3C's feed validator at its strictest level: no error, warning or information at all.

Collected only where SSE_W3C_FEEDVALIDATOR names a checkout of it; it is no package and not ours.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sse_digest.feeds.names import MEDIA_TYPES, url_of
from tests.feeds.documents import documents_for
from tests.feeds.feeds import OPTIONS, TAG
from tests.feeds.odd import odd_items

pytestmark = pytest.mark.slow

LARGEST = 5_000_000  # bytes; the validator reads no further
# In a process of its own: its modules have names of the standard library, and warn.
PROGRAM = """
import json, sys, io
sys.path.insert(0, sys.argv[1])
import feedvalidator
from feedvalidator import logging as events
from feedvalidator.formatter.text_plain import Formatter
found = {}
for line in sys.stdin:
    name, path, kind, base = json.loads(line)
    with open(path, "rb") as file:
        body = io.BytesIO(file.read())
    result = feedvalidator.validateStream(body, firstOccurrenceOnly=1, contentType=kind, base=base)
    told = [event for event in result["loggedEvents"] if not isinstance(event, events.Success)]
    if told:
        formatter = Formatter(told)
        found[name] = [formatter.getMessage(event) for event in told]
print(json.dumps(found))
"""


def test_the_w3c_validator_finds_nothing_in_odd_items(
    tmp_path: Path, effort: str, proof: Callable[[str, str], None]
) -> None:
    count = 10_000 if effort == "full" else 600
    documents = documents_for(odd_items(count), OPTIONS, TAG)
    feeds = {name: body for name, body in documents.items() if name.endswith((".atom", ".rss"))}
    lines = []
    for name, body in feeds.items():
        assert len(body) <= LARGEST, name
        (tmp_path / name).write_bytes(body)
        kind = MEDIA_TYPES[name.rpartition(".")[2]]
        lines.append(json.dumps([name, str(tmp_path / name), kind, url_of(OPTIONS.public_url, name)]))
    source = Path(os.environ["SSE_W3C_FEEDVALIDATOR"]) / "src"

    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(source)],
        input="\n".join(lines),
        capture_output=True,
        check=True,
        text=True,
    )

    assert json.loads(done.stdout.splitlines()[-1]) == {}
    proof("The W3C's feed validator", f"{len(feeds)} documents of {count} odd items, no event at any level")

"""Where effort is full, every test of sending runs on both event loops that a send may run on."""

import asyncio
import os
from collections.abc import Callable, Mapping

import pytest

from sse_digest.cli.context import busy_loop

Loop = Callable[[], asyncio.AbstractEventLoop]


def pytest_asyncio_loop_factories(config: pytest.Config, item: pytest.Item) -> Mapping[str, Loop]:
    """Return the loops by name."""
    fast = busy_loop() if os.environ.get("SSE_TEST_EFFORT") == "full" else None
    own: Mapping[str, Loop] = {"asyncio": asyncio.new_event_loop}
    return own if fast is None else {**own, "uvloop": fast}

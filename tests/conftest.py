"""Fixtures shared by all rooms."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from sse_digest.store import Store, open_store

SHARED_DATA = Path(__file__).resolve().parents[1].parent / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real cases beside the project; absent on a plain clone."""
    if not SHARED_DATA.is_dir():
        if os.environ.get("SSE_TEST_REQUIRE") == "all":
            pytest.fail(f"SSE_TEST_REQUIRE=all, but {SHARED_DATA} is absent")
        pytest.skip("needs ../shared/data")
    return SHARED_DATA


@pytest_asyncio.fixture
async def store() -> AsyncIterator[Store]:
    """An empty database in memory, at the newest schema."""
    async with await open_store("sqlite://") as opened:
        yield opened

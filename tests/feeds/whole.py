"""Publishes a whole generation at one call, as the tests of what stands need it."""

from collections.abc import Mapping
from pathlib import Path

from sse_digest.feeds import publish as publishing
from sse_digest.feeds.publish import PublishReport


def publish(folder: Path, documents: Mapping[str, bytes], *, patience_s: float = 60) -> PublishReport:
    """Wait for the turn, then publish these documents."""
    with publishing.take_turn(folder, patience_s=patience_s) as turn:
        return publishing.publish(turn, documents)

"""The rooms' options as the shortest configuration gives them, with a test's own changes."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from sse_digest.delivery.options import Limits, RelayOptions, SendOptions, Timeouts
from sse_digest.feeds.options import FeedOptions
from sse_digest.settings import Settings
from sse_digest.settings.configuration import Configuration
from sse_digest.sources.options import FetchOptions, SourceOptions

_SHORTEST = {
    "organisation": "Example",
    "public_url": "https://news.example.org",
    "sources": [{"name": "news", "kind": "html", "url": "https://www.example.org/news"}],
    "smtp": {"host": "127.0.0.1", "envelope_from": "bounces@example.org"},
}
_SETTINGS = Settings(Configuration.model_validate(_SHORTEST), Path())


def fetch_options(**changes: Any) -> FetchOptions:  # noqa: ANN401 # fields of mixed types
    """Return how pages are fetched."""
    return replace(_SETTINGS.fetch_options(), **changes)


def source_options(**changes: Any) -> SourceOptions:  # noqa: ANN401 # as above
    """Return a source; the test says where it is read from."""
    (source,) = _SETTINGS.source_options()
    return replace(source, **{"url": None, **changes})


def feed_options(**changes: Any) -> FeedOptions:  # noqa: ANN401 # as above
    """Return what the feeds say of themselves."""
    return replace(_SETTINGS.feed_options(), **changes)


def relay_limits(**changes: Any) -> Limits:  # noqa: ANN401 # as above
    """Return what a relay takes: anything, over the usual number of connections."""
    return replace(_SETTINGS.relay_options().limits, **changes)


def relay_timeouts(**changes: Any) -> Timeouts:  # noqa: ANN401 # as above
    """Return the usual patience with a relay."""
    return replace(_SETTINGS.relay_options().timeouts, **changes)


def relay_options(**changes: Any) -> RelayOptions:  # noqa: ANN401 # as above
    """Return a relay on this machine; the port is the test's."""
    return replace(_SETTINGS.relay_options(), **changes)


def send_options(**changes: Any) -> SendOptions:  # noqa: ANN401 # as above
    """Return how deliveries are made."""
    return replace(_SETTINGS.send_options(), **changes)

"""Read sources: from a page or file to stored items.

Entry point: `fetch` (one round over all sources). Then read `crawler` (visits pages), `pagination` (further
pages of a list), `read` (one source, without storing anything), `kinds` (one reader for each kind of source,
listed in `KINDS` below), `html` and `text` (used by the readers), `ledger` (stores a reading) and `own_pages`
(items' own pages). `http` fetches pages; `suggest` proposes how to read a page. `page` is the fetched page;
`presets` has the layouts of known publishers; `options` has the settings that this room needs.

To add a kind, add a module to `kinds` with a function `read_page`, and its name to `KINDS`. The tests check
the contract of every kind in `KINDS`.

Effects: HTTP, in `http`; the files that sources name; child processes, in `kinds`; the database, through
`store`.
"""

from collections.abc import Callable, Mapping
from importlib import import_module
from types import MappingProxyType

from sse_digest.model.items import Reading
from sse_digest.sources.options import SourceOptions
from sse_digest.sources.page import Page

Reader = Callable[[Page, SourceOptions], Reading]
"""Reads untrusted bytes; returns a reading, which may be empty, or raises SourceError and nothing else."""


def _reader(kind: str) -> Reader:
    """Return a reader that imports its module when it is called, because sending mail needs none of them."""

    def read_page(page: Page, options: SourceOptions) -> Reading:
        reading: Reading = import_module(f"{__name__}.kinds.{kind}").read_page(page, options)
        return reading

    return read_page


KINDS: Mapping[str, Reader] = MappingProxyType(
    {kind: _reader(kind) for kind in ("text", "html", "feed", "folder", "table")}
)
"""The reader of each kind of source, by the kind's name in the settings, which is also its module's name."""

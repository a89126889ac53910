"""Reading: from a page or file to stored items.

Entry point: `fetch` (one round over all sources). Read `crawler` (visit a page as a guest), `pagination`
(further pages), `read` (one source, nothing stored), then `kinds` (one reader for each kind of source,
in `KINDS` here), `html` and `text` (what readers read with), `ledger` (take a reading into the store)
and `own_pages` (items' own pages). `http` fetches; `suggest` proposes how a page could be read. `page`
is what was fetched; `presets` holds what is known of single publishers; `options` says what reading
needs to know.

A new kind is a module in `kinds` with a function `read_page`, and its name in `KINDS`; the contract of
all kinds is tested over all of them.

Effects: HTTP, in `http`; files that a source names; child processes, in `kinds`; the database, through
`store`.
"""

from collections.abc import Callable, Mapping
from importlib import import_module
from types import MappingProxyType

from sse_digest.model.items import Reading
from sse_digest.sources.options import SourceOptions
from sse_digest.sources.page import Page

Reader = Callable[[Page, SourceOptions], Reading]
"""Reads bytes from outside: gives a reading, perhaps empty, or raises SourceError and nothing else."""


def _reader(kind: str) -> Reader:
    """Return a reader whose module is imported when it reads: a send needs none of their libraries."""

    def read_page(page: Page, options: SourceOptions) -> Reading:
        reading: Reading = import_module(f"{__name__}.kinds.{kind}").read_page(page, options)
        return reading

    return read_page


KINDS: Mapping[str, Reader] = MappingProxyType(
    {kind: _reader(kind) for kind in ("text", "html", "feed", "folder", "table")}
)
"""The reader of each kind of source, by the name that settings use; the kind's module has the same name."""

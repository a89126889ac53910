"""Reading: from a page or file to stored items.

`KINDS` is the one place that knows which code reads which kind of source. A new kind is a module with a
function `read_page` of this shape, and its name here; the contract of all kinds is tested over all of them.
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

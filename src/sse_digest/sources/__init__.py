"""Reading: from a page or file to stored items.

`KINDS` is the one place that knows which code reads which kind of source. A new kind is a module with a
function of this shape and one line here; the contract every kind keeps is tested over all of them.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from sse_digest.model.items import Reading
from sse_digest.sources import feed, folder, html, table, text
from sse_digest.sources.options import SourceOptions
from sse_digest.sources.page import Page

Reader = Callable[[Page, SourceOptions], Reading]
"""Reads bytes from outside: gives a reading, perhaps empty, or raises SourceError and nothing else."""

KINDS: Mapping[str, Reader] = MappingProxyType(
    {
        "text": text.read_page,
        "html": html.read_page,
        "feed": feed.read_page,
        "folder": folder.read_page,
        "table": table.read_page,
    }
)
"""The reader of each kind of source, by the name that settings use."""

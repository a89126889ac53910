"""What a source and the fetcher are told; assembled from the settings."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

PLACEHOLDERS = ("{page}", "{offset}")
"""What `next_url` stands on: the number of the page, of items on the pages before."""

NO_SELECTORS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceOptions:
    """One source. Exactly one of `url` and `path` is set."""

    name: str
    kind: str  # a key of sources.KINDS
    url: str | None = None
    path: Path | None = None
    base_url: str | None = None  # of a file: the address its links are relative to
    preset: str | None = None  # kind html: a key of its presets
    selectors: Mapping[str, str] = field(default_factory=dict)  # without a preset: CSS by field
    language: str | None = None  # the page's language where it does not say so itself
    allow_private_hosts: bool = False  # read from addresses that are not public
    next_url: str | None = None  # of the list's next page, with {page} or {offset}; None: a link leads to it
    max_pages: int  # of the list, in one round
    article: bool = False  # read each item's own page as well
    may_be_empty: bool = False  # its list may hold nothing at all, however much it held before


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchOptions:
    """How pages are fetched."""

    user_agent: str  # names the program and a contact
    timeout_s: float  # for the whole answer
    max_bytes: int  # of the body, decoded
    max_redirects: int
    delay_s: float  # between two requests of one run to one host, on average


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchRequest:
    """What a person wants of one round."""

    only: Collection[str] = ()  # sources that are visited; empty: all of them
    accept: Collection[str] = ()  # sources whose readings are taken as they are, and are the measure then
    at_once: bool = False  # also pages that are not due
    history: bool = False  # the whole list, however many pages it has and whatever is known of it


DEFAULT = FetchRequest()

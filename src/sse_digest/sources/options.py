"""The settings that reading sources needs; `settings.room_options` makes them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

PLACEHOLDERS = ("{page}", "{offset}")
"""The placeholders in `next_url`: the number of the page, and the number of items on the pages before it."""

NO_SELECTORS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceOptions:
    """One source. Exactly one of `url` and `path` is set."""

    name: str
    kind: str  # a key of sources.KINDS
    url: str | None = None
    path: Path | None = None
    base_url: str | None = None  # of a file: the address that relative links refer to
    preset: str | None = None  # kind html: a key of its presets
    selectors: Mapping[str, str] = field(default_factory=dict)  # CSS by field; they override the preset's
    language: str | None = None  # the page's language, if the page does not state it
    allow_private_hosts: bool = False  # read from addresses that are not public
    next_url: str | None = None  # of the list's next page, with {page} or {offset}; None: follow its link
    max_pages: int  # of the list, in one round
    article: bool = False  # read each item's own page as well
    may_be_empty: bool = False  # an empty list is not an alarm


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
    """What one round is asked to do."""

    only: Collection[str] = ()  # names of the sources to visit; empty: all of them
    accept: Collection[str] = ()  # names of sources whose readings are stored without drift alarms
    at_once: bool = False  # request also pages that are not due
    history: bool = False  # read all pages of the list, even if they contain nothing new


DEFAULT = FetchRequest()

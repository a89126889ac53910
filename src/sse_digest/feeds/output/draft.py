"""What documents are made from, before they are; pure.

A draft costs little. Its revision tells whether the documents that stand are those it would give, so
most are never written again (docs/decisions/0180).
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from hashlib import blake2b

from sse_digest.feeds.options import FeedOptions
from sse_digest.model.issues import IssuePage
from sse_digest.model.items import Item
from sse_digest.model.tag_uri import TagAuthority


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingDocuments:
    """Documents that are written together, from the same items."""

    names: tuple[str, ...]  # of the documents; the first stands for all
    revision: bytes  # the same revision, the same bytes
    ids: Callable[[], Collection[str]] = tuple  # of the items that are shown
    leads_to: tuple[str, ...] = ()  # what is named as archive or as current one: of each the first document
    write: Callable[[Mapping[str, Item]], Mapping[str, bytes]]  # items by id to bytes by name
    page: "UnreadPage | None" = None  # what is loaded before; then it writes


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadPage:
    """The page of an issue whose HTML is loaded when it is written."""

    issue: IssuePage
    write: Callable[[str], Mapping[str, bytes]]  # HTML to bytes by name


Batch = Callable[[], Iterable[PendingDocuments]]
"""Gives drafts that show the same items, as often as it is asked."""


class Revisions:
    """Gives revisions: a hash over everything that the bytes of a document depend on."""

    def __init__(self, options: FeedOptions, tag: TagAuthority, program: bytes) -> None:
        told = [
            (field.name, _settled(getattr(options, field.name)))
            for field in fields(options)
            if field.name != "folder"  # documents do not know where they lie
        ]
        self._base = blake2b(repr((program, told, tag)).encode(), digest_size=16).digest()

    def revision(self, plan: object, marks: bytes = b"") -> bytes:
        """Return the revision of what is made from a plan, whose `repr` says all of it, and from items."""
        return blake2b(self._base + repr(plan).encode() + b"\0" + marks, digest_size=16).digest()


def _settled(value: object) -> object:
    """Return a value whose `repr` is the same in every process."""
    return sorted(value) if isinstance(value, frozenset) else value

"""Drafts: documents that are planned and not yet written; pure.

A draft is cheap. Its revision shows whether the published documents are those it would write, so most
documents are never written again (docs/decisions/0180).
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

    names: tuple[str, ...]  # of the documents; the first identifies the draft
    revision: bytes  # equal revisions mean equal bytes
    ids: Callable[[], Collection[str]] = tuple  # returns the ids of the items that are shown
    leads_to: tuple[str, ...] = ()  # first name of each draft that the documents link to (RFC 5005)
    write: Callable[[Mapping[str, Item]], Mapping[str, bytes]]  # from items by id to bytes by name
    page: "UnreadPage | None" = None  # writes instead of `write`, once its HTML is loaded


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadPage:
    """The page of an issue whose HTML is loaded only when the page is written."""

    issue: IssuePage
    write: Callable[[str], Mapping[str, bytes]]  # from HTML to bytes by name


Batch = Callable[[], Iterable[PendingDocuments]]
"""Returns drafts that show the same items; can be called repeatedly."""


class Revisions:
    """Computes revisions: hashes of everything that the bytes of a document depend on."""

    def __init__(self, options: FeedOptions, tag: TagAuthority, program: bytes) -> None:
        fields_of_options = [
            (field.name, _stable(getattr(options, field.name)))
            for field in fields(options)
            if field.name != "folder"  # documents do not contain it
        ]
        self._base = blake2b(repr((program, fields_of_options, tag)).encode(), digest_size=16).digest()

    def revision(self, plan: object, marks: bytes = b"") -> bytes:
        """Return the revision of documents made from items and a plan, whose `repr` must be complete."""
        return blake2b(self._base + repr(plan).encode() + b"\0" + marks, digest_size=16).digest()


def _stable(value: object) -> object:
    """Return a value whose `repr` is the same in every process."""
    return sorted(value) if isinstance(value, frozenset) else value

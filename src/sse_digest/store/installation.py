"""Statements on facts of this installation, which are set once and survive every change of configuration."""

from sse_digest.errors import StoreError
from sse_digest.model.tag_uri import TagAuthority
from sse_digest.store.connection import Connection

_TAG = "tag"  # one row for both values, so that they are always set together


def tag_facts(connection: Connection, *, authority: str, year: int) -> TagAuthority:
    """Return the stored authority and year of the `tag:` ids. If none are stored yet, store and return these.

    Args:
        connection: in a writing transaction.
        authority: a domain name in lower case; ignored if one is stored.
        year: four digits; ignored if one is stored.

    Raises:
        ValueError: nothing is stored yet, and RFC 4151 does not allow this authority or year.
        StoreError: the stored value cannot be read.
    """
    stored = connection.value("SELECT value FROM facts WHERE key = ?", (_TAG,))
    if stored is not None:
        return _parse(stored)
    tag = TagAuthority(authority=authority, year=year)
    connection.insert("facts", {"key": _TAG, "value": f"{tag.authority},{tag.year}"})
    return tag


def _parse(stored: str) -> TagAuthority:
    authority, _, year = stored.partition(",")
    try:
        return TagAuthority(authority=authority, year=int(year))
    except ValueError as error:
        raise StoreError(
            f"Table facts: the value {stored!r} of {_TAG!r} is not AUTHORITY,YEAR. "
            "Restore the database from a backup, because without this value every item would get a new id."
        ) from error

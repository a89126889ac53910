"""A mark of stored values that changes whenever one of them does, computed where they lie.

It is never stored, so it cannot be out of date, whoever changed the row. SQLite calls back for it; a
database that has hashes of its own needs no function.
"""

from hashlib import blake2b

MARK = "sse_mark"
"""What the function is called in statements."""


def mark_of(*values: str | bytes | float | None) -> bytes:
    """Hash the values as they are stored, in their order."""
    return blake2b(repr(values).encode(), digest_size=16).digest()

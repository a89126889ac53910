"""The database: tables and statements by room, and the door to it."""

from sse_digest.store.engine import Store, open_store

__all__ = ["Store", "open_store"]

"""The database: how it is opened, and one module of statements for each subject.

Read `engine` first (`open_store`, transactions), then `connection` (what statements are executed with)
and `values` (how values are stored in columns). Statements are synchronous functions whose first
argument is a `Connection`: `news` has items and sources, `issues` issues and what editors decided,
`subscribers` people, `sending` deliveries, `installation` facts that are set once, `departures` the
journal of those who left. `migrate` and `migrations` hold the schema.

Effects: the database file.
"""

from sse_digest.store.connection import Connection
from sse_digest.store.engine import Store, open_store

__all__ = ["Connection", "Store", "open_store"]

"""Open the database and run statements in it, with one module of statements for each subject.

Read `engine` first (`open_store`, transactions), then `connection` (which executes statements) and `values`
(how values are stored in columns). Statements are synchronous functions whose first argument is a
`Connection`. `news` contains those on items and sources, `issues` those on issues and edits, `subscribers`
those on people, `sending` those on deliveries, `installation` those on facts that are set once. `departures`
keeps the departures journal. `migrate` and `migrations` create and update the schema.

Effects: the database file and the departures journal.
"""

from sse_digest.store.connection import Connection
from sse_digest.store.engine import Store, open_store

__all__ = ["Connection", "Store", "open_store"]

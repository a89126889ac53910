"""Export a list as a CSV file that can be imported again, with statuses.

No cell can run as a formula in a spreadsheet. A suppressed address has the status "suppressed", so that no
other program mails it either.
"""

import csv
from collections.abc import Sequence
from typing import TextIO

from sse_digest.audience.column_names import COLUMNS
from sse_digest.audience.csv_reader import protect
from sse_digest.model.subscribers import Subscriber, key_of
from sse_digest.store import Store
from sse_digest.store.subscribers import list_subscribers, suppressed_keys


def export_subscribers(store: Store, out: TextIO, *, list_name: str, secret_keys: Sequence[bytes]) -> int:
    """Write all subscribers of a list in the order of sign-up, and return how many there are.

    Args:
        out: opened with newline=""; written in batches, so memory use is constant.
    """
    writer = csv.writer(out, lineterminator="\r\n")  # RFC 4180
    writer.writerow(COLUMNS)
    count = 0
    with store.reading() as connection:
        for batch in list_subscribers(connection, list_name):
            keys = {subscriber.id: key_of(subscriber.address) for subscriber in batch}
            suppressed = suppressed_keys(connection, keys.values(), secret_keys)
            for subscriber in batch:
                writer.writerow(_cells(subscriber, is_suppressed=keys[subscriber.id] in suppressed))
            count += len(batch)
    return count


def _cells(subscriber: Subscriber, *, is_suppressed: bool) -> list[str]:
    themes = ";".join(subscriber.themes) or "all"
    status = "suppressed" if is_suppressed else subscriber.status.value
    cells = (subscriber.address, subscriber.name or "", subscriber.language, themes, status)
    return [protect(cell) for cell in cells]

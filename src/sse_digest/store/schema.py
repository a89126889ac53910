"""What every table is made of: the one list of all tables, and how instants are stored.

Instants are ISO 8601 text in UTC with microseconds, so that they sort as text and read as time.
"""

from datetime import UTC, datetime

from sqlalchemy import MetaData, String
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator


def stored_instant(value: datetime) -> str:
    """Give an aware instant as it stands in the database."""
    return value.astimezone(UTC).isoformat(timespec="microseconds")[: -len("+00:00")] + "Z"


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime, stored as ISO 8601 text that sorts in time order."""

    impl = String(27)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """Turn an aware datetime into text; a naive one is a bug and raises."""
        del dialect
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant without a time zone cannot be stored")
        return stored_instant(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        """Turn the text back into an aware datetime."""
        del dialect
        return None if value is None else datetime.fromisoformat(value)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

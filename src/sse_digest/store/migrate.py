"""Bring the schema of a database up to date. Only this module uses Alembic and SQLAlchemy.

It is imported only if there is something to do.
"""

import sqlite3
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import StaticPool

from sse_digest.errors import StoreError


def migration_config() -> Config:
    """Return Alembic's configuration. The migrations are part of the package."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    return config


def migrate(driver: sqlite3.Connection, begin: str) -> None:
    """Bring the schema up to date in one transaction.

    Args:
        driver: a connection that is in no transaction.
        begin: the statement that begins a transaction.

    Raises:
        StoreError: the database was made by a newer version.
        sqlite3.Error: the database cannot be written.
    """
    engine = create_engine("sqlite://", creator=lambda: driver, poolclass=StaticPool)
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql(begin)
            _upgrade(connection)
            connection.commit()
    except DBAPIError as error:
        raise error.orig or error from error


def _upgrade(connection: Connection) -> None:
    config = migration_config()
    current = MigrationContext.configure(connection).get_current_revision()
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if current is not None and current not in known:
        raise StoreError(
            f"The database was made by a newer version of sse-digest (schema {current})."
            " Install that version, or restore the database from a backup."
        )
    config.attributes["connection"] = connection
    command.upgrade(config, "head")

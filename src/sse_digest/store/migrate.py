"""Bring a database up to date: the only module that knows Alembic, imported when there is something to do."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from sse_digest.errors import StoreError


def migration_config() -> Config:
    """Give Alembic's configuration; the migrations travel inside the package."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    return config


def newest_schema() -> str | None:
    """Give the number of the last migration."""
    return ScriptDirectory.from_config(migration_config()).get_current_head()


def migrate(connection: Connection) -> None:
    """Bring the schema up to date, in the caller's transaction.

    Raises:
        StoreError: the database was made by a newer version.
    """
    config = migration_config()
    current = MigrationContext.configure(connection).get_current_revision()
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if current is not None and current not in known:
        raise StoreError(
            f"The database was made by a newer version of sse-digest (schema {current})."
            " Install that version or restore a backup."
        )
    config.attributes["connection"] = connection
    command.upgrade(config, "head")

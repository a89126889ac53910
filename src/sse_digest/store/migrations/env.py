"""Alembic's entry: runs the migrations on the connection that `open_store` hands over."""

from alembic import context

from sse_digest.store import news_tables, tables  # noqa: F401 - whoever compares needs every table
from sse_digest.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=False,  # the caller's transaction is the only one
)
context.run_migrations()

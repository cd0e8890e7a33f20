"""Alembic's entry: migrations run over the connection from `flaghoist_origin.storage.database.migrate`."""

from alembic import context

from flaghoist_origin.storage.database.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    compare_server_default=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()

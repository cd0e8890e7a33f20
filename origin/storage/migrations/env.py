"""What Alembic runs: migrations go over the connection that `origin.storage.migrate` hands in."""

from alembic import context

from origin.storage.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    compare_server_default=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()

"""The version log: what each committed version changed, for streams that replay what a client missed."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table and the index by which its oldest rows are found."""
    op.create_table(
        "version_log",
        sa.Column("environment", sa.String(64), nullable=False),
        sa.Column("epoch", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("version", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("committed_at_ms", sa.BigInteger, nullable=False),
        sa.Column("changes", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["environment"], ["environments.name"], name="fk_version_log_environment_environments"),
        sa.PrimaryKeyConstraint("environment", "epoch", "version", name="pk_version_log"),
    )
    op.create_index("ix_version_log_environment_committed_at_ms", "version_log", ["environment", "committed_at_ms"])


def downgrade() -> None:
    """Drop the table, and its index with it."""
    op.drop_table("version_log")

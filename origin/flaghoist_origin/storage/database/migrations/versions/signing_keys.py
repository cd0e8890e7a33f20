"""Keys that sign contexts in a table of their own, and since when an environment takes signed contexts only."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table and the column; the two columns that were meant for one key pair were never written."""
    op.create_table(
        "signing_keys",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("environment", sa.String(64), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("public_key", sa.String(64), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger, nullable=False),
        sa.Column("expires_at_ms", sa.BigInteger, nullable=True),
        sa.Column("revoked_at_ms", sa.BigInteger, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_signing_keys"),
        sa.ForeignKeyConstraint(
            ["environment"], ["environments.name"], name="fk_signing_keys_environment_environments"
        ),
    )
    op.create_index("ix_signing_keys_environment", "signing_keys", ["environment"])
    op.add_column("environments", sa.Column("signed_only_since_ms", sa.BigInteger))
    op.drop_column("environments", "signing_public_key")
    op.drop_column("environments", "signing_private_key")


def downgrade() -> None:
    """Take away what was added."""
    op.add_column("environments", sa.Column("signing_private_key", sa.LargeBinary))
    op.add_column("environments", sa.Column("signing_public_key", sa.Text, nullable=False, server_default=""))
    op.drop_column("environments", "signed_only_since_ms")
    op.drop_index("ix_signing_keys_environment", "signing_keys")
    op.drop_table("signing_keys")

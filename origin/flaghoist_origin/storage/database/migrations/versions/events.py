"""Reported events: exposures, and what users did, each once by its id."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

GROUPED_BY = {"exposures": "flag", "tracked": "name"}


def upgrade() -> None:
    """Create the tables and the indexes by which they are counted and pruned."""
    op.create_table(
        "exposures",
        *_identity(),
        _text("flag", 128),
        _text("variant", 128),
        _text("version", 31),
        *_occurrence(),
        sa.Column("uses", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("environment", "id", name="pk_exposures"),
    )
    op.create_table(
        "tracked",
        *_identity(),
        _text("name", 128),
        *_occurrence(),
        sa.Column("value", sa.Float(53), nullable=True),
        sa.Column("attributes", sa.Text, nullable=True),
        sa.PrimaryKeyConstraint("environment", "id", name="pk_tracked"),
    )
    for table, column in GROUPED_BY.items():
        op.create_index(f"ix_{table}_environment_{column}_at_ms", table, ["environment", column, "at_ms"])
        op.create_index(f"ix_{table}_environment_at_ms", table, ["environment", "at_ms"])


def downgrade() -> None:
    """Drop the tables, and the indexes with them."""
    for table in GROUPED_BY:
        op.drop_table(table)


def _text(name: str, length: int) -> "sa.Column[str]":
    return sa.Column(name, sa.String(length), nullable=False)


def _identity() -> "tuple[sa.Column[str], sa.Column[str]]":
    return _text("environment", 64), _text("id", 64)


def _occurrence() -> "tuple[sa.Column[bytes | None], sa.Column[int], sa.Column[str]]":
    return (
        sa.Column("unit", sa.LargeBinary(8), nullable=True),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        _text("source", 32),
    )

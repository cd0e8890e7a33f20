"""The first tables: environments, their documents and keys, the audit log, and what publishing needs to know."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = ("environments", "documents", "api_keys", "audit", "outbox", "publications", "shards")


def upgrade() -> None:
    """Create the tables and their indexes."""
    _create_environments()
    _create_documents()
    _create_api_keys()
    _create_audit()
    _create_publication_tables()


def downgrade() -> None:
    """Drop the tables, and the indexes with them."""
    for table in reversed(TABLES):
        op.drop_table(table)


def _number(name: str, *, nullable: bool = False) -> "sa.Column[int]":
    return sa.Column(name, sa.BigInteger, nullable=nullable, autoincrement=False)


def _text(name: str, length: int | None = None, *, nullable: bool = False) -> "sa.Column[str]":
    return sa.Column(name, sa.String(length) if length else sa.Text(), nullable=nullable)


def _environment(table: str) -> "tuple[sa.Column[str], sa.ForeignKeyConstraint]":
    name = f"fk_{table}_environment_environments"
    return _text("environment", 64), sa.ForeignKeyConstraint(["environment"], ["environments.name"], name=name)


def _create_environments() -> None:
    op.create_table(
        "environments",
        _text("name", 64),
        _number("epoch"),
        _number("version"),
        _number("committed_at_ms"),
        _number("keys_version"),
        _text("signing_public_key"),
        sa.Column("signing_private_key", sa.LargeBinary, nullable=True),
        sa.PrimaryKeyConstraint("name", name="pk_environments"),
    )


def _create_documents() -> None:
    op.create_table(
        "documents",
        *_environment("documents"),
        _text("collection", 16),
        _text("key", 128),
        _number("version"),
        _text("body", nullable=True),
        sa.PrimaryKeyConstraint("environment", "collection", "key", name="pk_documents"),
    )


def _create_api_keys() -> None:
    op.create_table(
        "api_keys",
        _text("id", 32),
        *_environment("api_keys"),
        _text("kind", 16),
        _text("name"),
        _text("hash", 64),
        _number("created_at_ms"),
        _number("expires_at_ms", nullable=True),
        _number("revoked_at_ms", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_api_keys"),
        sa.UniqueConstraint("hash", name="uq_api_keys_hash"),
    )
    op.create_index("ix_api_keys_environment", "api_keys", ["environment"])


def _create_audit() -> None:
    identity = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "audit",
        sa.Column("id", identity, autoincrement=True, nullable=False),
        *_environment("audit"),
        _number("at_ms"),
        _text("actor_id"),
        _text("actor_name"),
        _text("action", 32),
        _text("target", 160),
        _text("comment"),
        _number("epoch"),
        _number("version"),
        _text("before", nullable=True),
        _text("after", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_index("ix_audit_environment_id", "audit", ["environment", "id"])
    op.create_index("ix_audit_environment_target_id", "audit", ["environment", "target", "id"])


def _create_publication_tables() -> None:
    op.create_table(
        "outbox",
        *_environment("outbox"),
        _number("epoch"),
        _number("version"),
        _number("committed_at_ms"),
        sa.PrimaryKeyConstraint("environment", "epoch", "version", name="pk_outbox"),
    )
    op.create_table(
        "publications",
        *_environment("publications"),
        _number("epoch", nullable=True),
        _number("version", nullable=True),
        _number("published_at_ms", nullable=True),
        _text("lease_holder", nullable=True),
        _number("lease_until_ms"),
        sa.PrimaryKeyConstraint("environment", name="pk_publications"),
    )
    op.create_table(
        "shards",
        *_environment("shards"),
        _text("hash", 64),
        _number("named_at_ms"),
        sa.PrimaryKeyConstraint("environment", "hash", name="pk_shards"),
    )

"""Roles on admin keys, when keys were used, removed environments that keep their epoch, a guarded audit log."""

from collections.abc import Mapping

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

REFUSAL = "the audit log only grows"
# By dialect: statements that make the audit log refuse to change, and those that take them away.
GUARD: Mapping[str, tuple[str, ...]] = {
    "sqlite": (
        f"CREATE TRIGGER audit_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
        f"CREATE TRIGGER audit_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$",
        "CREATE TRIGGER audit_change BEFORE UPDATE OR DELETE ON audit"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()",
    ),
}
UNGUARD: Mapping[str, tuple[str, ...]] = {
    "sqlite": ("DROP TRIGGER audit_update", "DROP TRIGGER audit_delete"),
    "postgresql": ("DROP TRIGGER audit_change ON audit", "DROP FUNCTION refuse_audit_change()"),
}


def upgrade() -> None:
    """Add the columns and the table; admin keys could do everything so far, and so they still can."""
    op.add_column("api_keys", sa.Column("role", sa.String(16)))
    op.execute("UPDATE api_keys SET role = 'owner' WHERE kind = 'admin'")
    op.add_column("environments", sa.Column("removed_at_ms", sa.BigInteger))
    op.create_table(
        "key_uses",
        sa.Column("key_id", sa.String(32), nullable=False),
        sa.Column("last_used_at_ms", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("key_id", name="pk_key_uses"),
    )
    _execute(GUARD)


def downgrade() -> None:
    """Take away what was added."""
    _execute(UNGUARD)
    op.drop_table("key_uses")
    op.drop_column("environments", "removed_at_ms")
    op.drop_column("api_keys", "role")


def _execute(statements: Mapping[str, tuple[str, ...]]) -> None:
    for statement in statements[op.get_bind().dialect.name]:
        op.execute(statement)

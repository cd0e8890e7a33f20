"""The tables, in types that SQLite and PostgreSQL share; times are milliseconds since the epoch."""

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
METADATA = MetaData(naming_convention=NAMING)
BIG_IDENTITY = BigInteger().with_variant(Integer(), "sqlite")
NAME = String(64)
KEY = String(128)
EVENT_ID = String(64)
SEALED_UNIT = LargeBinary(8)


def _environment(*, primary_key: bool = False) -> "Column[str]":
    return Column("environment", NAME, ForeignKey("environments.name"), primary_key=primary_key, nullable=False)


# One row per environment; its row lock orders all writes. ``keys_version`` counts key changes, which change no other
# version. A removed environment keeps its row, so that its name comes back only with a higher epoch.
# ``signed_only_since_ms`` is set while client keys must bring signed contexts.
ENVIRONMENTS = Table(
    "environments",
    METADATA,
    Column("name", NAME, primary_key=True),
    Column("epoch", BigInteger, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("committed_at_ms", BigInteger, nullable=False),
    Column("keys_version", BigInteger, nullable=False),
    Column("removed_at_ms", BigInteger),
    Column("signed_only_since_ms", BigInteger),
)

# Flags, segments and groups as JSON. A removed one stays with ``body`` NULL, so that its versions continue.
DOCUMENTS = Table(
    "documents",
    METADATA,
    _environment(primary_key=True),
    Column("collection", String(16), primary_key=True),
    Column("key", KEY, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("body", Text),
)

# What each committed version changed, so that streams replay what a client missed; the oldest rows are dropped.
VERSION_LOG = Table(
    "version_log",
    METADATA,
    _environment(primary_key=True),
    Column("epoch", BigInteger, primary_key=True, autoincrement=False),
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("committed_at_ms", BigInteger, nullable=False),
    Column("changes", Text, nullable=False),
    Index(None, "environment", "committed_at_ms"),
)

# API keys by the SHA-256 of their text; the text itself is stored nowhere. Admin keys have a ``role``.
API_KEYS = Table(
    "api_keys",
    METADATA,
    Column("id", String(32), primary_key=True),
    _environment(),
    Column("kind", String(16), nullable=False),
    Column("name", Text, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("expires_at_ms", BigInteger),
    Column("revoked_at_ms", BigInteger),
    Column("role", String(16)),
    UniqueConstraint("hash"),
    Index(None, "environment"),
)

# Keys that sign contexts by their Ed25519 public half, base64url; the private one is stored nowhere.
SIGNING_KEYS = Table(
    "signing_keys",
    METADATA,
    Column("id", String(32), primary_key=True),
    _environment(),
    Column("name", Text, nullable=False),
    Column("public_key", String(64), nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("expires_at_ms", BigInteger),
    Column("revoked_at_ms", BigInteger),
    Index(None, "environment"),
)

# When keys were last seen, roughly: separate from ``api_keys``, so that using a key never conflicts with changing one.
KEY_USES = Table(
    "key_uses",
    METADATA,
    Column("key_id", String(32), primary_key=True),
    Column("last_used_at_ms", BigInteger, nullable=False),
)

# Who changed what; triggers refuse to change or delete a row. ``epoch`` and ``version`` name the snapshot that the
# change made or found.
AUDIT = Table(
    "audit",
    METADATA,
    Column("id", BIG_IDENTITY, primary_key=True, autoincrement=True),
    _environment(),
    Column("at_ms", BigInteger, nullable=False),
    Column("actor_id", Text, nullable=False),
    Column("actor_name", Text, nullable=False),
    Column("action", String(32), nullable=False),
    Column("target", String(160), nullable=False),
    Column("comment", Text, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("before", Text),
    Column("after", Text),
    Index(None, "environment", "id"),
    Index(None, "environment", "target", "id"),
)

# Committed versions that are not in KV yet.
OUTBOX = Table(
    "outbox",
    METADATA,
    _environment(primary_key=True),
    Column("epoch", BigInteger, primary_key=True, autoincrement=False),
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("committed_at_ms", BigInteger, nullable=False),
)

# What KV contains and who may write it; separate from ``environments``, so that publishing never waits for a write.
PUBLICATIONS = Table(
    "publications",
    METADATA,
    _environment(primary_key=True),
    Column("epoch", BigInteger),
    Column("version", BigInteger),
    Column("published_at_ms", BigInteger),
    Column("lease_holder", Text),
    Column("lease_until_ms", BigInteger, nullable=False),
)

# Shards in KV and when a manifest last named them.
SHARDS = Table(
    "shards",
    METADATA,
    _environment(primary_key=True),
    Column("hash", String(64), primary_key=True),
    Column("named_at_ms", BigInteger, nullable=False),
)

# Uses of flags that clients report, each once by its id. Without a foreign key, whose check would wait for the
# environment's row while somebody writes flags. ``uses`` is how many uses an event stands for.
EXPOSURES = Table(
    "exposures",
    METADATA,
    Column("environment", NAME, primary_key=True),
    Column("id", EVENT_ID, primary_key=True),
    Column("flag", KEY, nullable=False),
    Column("variant", KEY, nullable=False),
    Column("version", String(31), nullable=False),
    Column("unit", SEALED_UNIT),
    Column("at_ms", BigInteger, nullable=False),
    Column("source", String(32), nullable=False),
    Column("uses", BigInteger, nullable=False),
    Index(None, "environment", "flag", "at_ms"),
    Index(None, "environment", "at_ms"),
)

# What users did, as clients report it; otherwise like ``exposures``. ``attributes`` is a JSON object.
TRACKED = Table(
    "tracked",
    METADATA,
    Column("environment", NAME, primary_key=True),
    Column("id", EVENT_ID, primary_key=True),
    Column("name", KEY, nullable=False),
    Column("unit", SEALED_UNIT),
    Column("value", Float(53)),
    Column("at_ms", BigInteger, nullable=False),
    Column("source", String(32), nullable=False),
    Column("attributes", Text),
    Index(None, "environment", "name", "at_ms"),
    Index(None, "environment", "at_ms"),
)

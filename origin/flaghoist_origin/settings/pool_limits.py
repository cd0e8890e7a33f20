"""Limits of connections to PostgreSQL: how many there are, and how long an operation on one may take."""

import msgspec


class PoolLimits(msgspec.Struct, frozen=True):
    """Connections at most, the seconds to get one, and the seconds that a statement may take (None: no limit)."""

    connections: int = 10
    connect_seconds: float = 3.0
    statement_seconds: float | None = 10.0


DEFAULT_LIMITS = PoolLimits()
# A migration of a large table may take long, and others wait for it.
UNHURRIED = PoolLimits(connections=1, connect_seconds=10.0, statement_seconds=None)

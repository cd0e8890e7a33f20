"""The clock of leases: the database server's if origins run on several machines, whose own clocks differ."""

from collections.abc import Callable

from sqlalchemy import BigInteger, ColumnElement, cast, extract, func, literal

from flaghoist_origin.runtime.clock import Clock

LeaseTime = Callable[[], ColumnElement[int]]


def origin_time(clock: Clock) -> LeaseTime:
    """Return the time of this origin's clock, for a database that only this machine can open."""
    return lambda: literal(clock.now_ms(), BigInteger)


def database_time() -> ColumnElement[int]:
    """Return the time of PostgreSQL's server when it runs the statement."""
    return cast(extract("epoch", func.clock_timestamp()) * 1000, BigInteger)

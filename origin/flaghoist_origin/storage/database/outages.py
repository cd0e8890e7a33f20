"""Distinguish a database that is unavailable from one that rejects a statement: only the first is worth a retry."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from flaghoist.errors import Unavailable
from flaghoist_origin.observability.metrics import DATABASE_ERRORS

RETRY_SECONDS = 2
# SQLSTATE classes: connection lost, resources exhausted, operator intervention, system error; deadlock, lock not
# to be had, serialisation; and a server that has become a read-only standby.
CLASSES = ("08", "53", "57", "58")
STATES = frozenset({"40001", "40P01", "55P03", "25006"})
FAULTS = (DBAPIError, NoConnectionFree, OSError, TimeoutError)


class OutcomeUnknown(Unavailable):
    """The connection was lost during the commit: the write may or may not have happened."""

    slug = "outcome-unknown"
    title = "The write may have happened"


@contextmanager
def raise_unavailable() -> Iterator[None]:
    """Raise Unavailable for any error in the block which means that the database is unavailable."""
    try:
        yield
    except FAULTS as error:
        if not is_away(error):
            raise
        raise _unavailable(error) from error


@contextmanager
def raise_unavailable_always() -> Iterator[None]:
    """Raise Unavailable for any error in the block, which only connects."""
    try:
        yield
    except FAULTS as error:
        raise _unavailable(error) from error


@contextmanager
def raise_outcome_unknown() -> Iterator[None]:
    """Raise OutcomeUnknown if the connection is lost in the block, which only commits."""
    try:
        yield
    except FAULTS as error:
        if not is_away(error):
            raise
        DATABASE_ERRORS.inc()
        raise OutcomeUnknown(
            f"the connection to the database was lost during the commit ({_reason(error)}), so the write may have"
            " happened: send it again with the same If-Match, which is refused with 412 if it has",
            RETRY_SECONDS,
        ) from error


def is_away(error: BaseException) -> bool:
    """Return whether an error means that the database is unavailable at present."""
    if not isinstance(error, DBAPIError):
        return isinstance(error, NoConnectionFree | OSError | TimeoutError)
    if error.connection_invalidated or isinstance(error, OperationalError):
        return True
    if isinstance(
        error, InterfaceError
    ):  # the driver raises it for a closed connection, and for a value that it cannot send
        return not isinstance(error.orig and error.orig.__cause__, ValueError)
    state = str(getattr(error.orig, "sqlstate", None) or "")
    return state.startswith(CLASSES) or state in STATES


def _unavailable(error: BaseException) -> Unavailable:
    DATABASE_ERRORS.inc()
    return Unavailable(f"the database does not answer ({_reason(error)}): try again", RETRY_SECONDS)


def _reason(error: BaseException) -> str:
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    return str(cause).partition("\n")[0] or type(cause).__name__

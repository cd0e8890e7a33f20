"""All errors outside evaluation, as one tree; evaluation itself never raises.

FlaghoistError
├── InputError            400  a body, query or file is malformed or breaks a rule; one or more faults with paths
│   └── LimitExceeded     413 or 400  something is past a limit of ``flaghoist.limits``
├── KeyRefused            401  no key, an unknown key, or a key of another environment
├── ContextRefused        401  a signed context is malformed, expired, or not signed by a key of the environment
│   └── UnknownSigningKey      it names a key that the environment does not have
├── ActionForbidden       403  the key is known and its kind may not do this
├── NotFound              404
├── MethodNotAllowed      405
├── Conflict              409  the write conflicts with what is stored
├── PreconditionFailed    412  If-Match names an older state
├── PreconditionRequired  428  a write came without If-Match
├── TooManyRequests       429  more than is accepted at a time; retry later
├── Unavailable           503  a service that this one needs is unavailable; retry later
└── SnapshotError         500
    ├── SnapshotFormatError    written by a newer Flaghoist than this reader
    └── SnapshotCorrupt        bytes that do not match their hash or layout
"""

from typing import ClassVar

import msgspec

from flaghoist.limits import Limit


class Fault(msgspec.Struct, frozen=True, omit_defaults=True):
    """One fault of an input: ``path`` in the form ``$.flags[3].rules[0].serve``, ``detail`` for people."""

    path: str
    detail: str


class FlaghoistError(Exception):
    """Base of all errors: a message that names the cause and the remedy, and the HTTP status that reports it."""

    status: int = 500
    slug: ClassVar[str] = "internal"
    title: ClassVar[str] = "Internal error"

    def members(self) -> dict[str, object]:
        """Return further members of the RFC 9457 problem body, by name."""
        return {}


class InputError(FlaghoistError):
    """The caller's input is malformed; ``faults`` holds at least one fault."""

    status = 400
    slug = "invalid-input"
    title = "The input is not valid"

    def __init__(self, *faults: Fault) -> None:
        super().__init__("; ".join(f"{fault.detail} at {fault.path}" for fault in faults))
        self.faults = faults

    @classmethod
    def at(cls, path: str, detail: str) -> "InputError":
        """Return an error with the one fault ``detail`` at ``path``."""
        return cls(Fault(path, detail))

    def members(self) -> dict[str, object]:
        """Return the first fault's path, and all faults."""
        return {"path": self.faults[0].path, "errors": self.faults}


class LimitExceeded(InputError):
    """Something is past ``limit``: 413 when a whole body is too large, else 400."""

    slug = "limit-exceeded"
    title = "A limit is exceeded"

    def __init__(self, limit: Limit, actual: int, path: str = "$", *, too_large: bool = False) -> None:
        super().__init__(Fault(path, f"{limit.name} is limited to {limit.value}, here {actual}"))
        self.limit, self.actual = limit, actual
        if too_large:
            self.status = 413

    def members(self) -> dict[str, object]:
        """Return the fault and the limit's name and numbers."""
        return {**super().members(), "limit": self.limit.name, "maximum": self.limit.value, "actual": self.actual}


class KeyRefused(FlaghoistError):
    """The request carries no key that is valid for what it asks."""

    status = 401
    slug = "key-refused"
    title = "The key is missing or not valid"


class ContextRefused(FlaghoistError):
    """A signed context is rejected: its signature or its claims are not valid here and now."""

    status = 401
    slug = "signed-context-refused"
    title = "The signed context does not count"


class UnknownSigningKey(ContextRefused):
    """The signed context names a key that the environment does not have (yet)."""


class ActionForbidden(FlaghoistError):
    """The key is valid and its kind may not do this."""

    status = 403
    slug = "forbidden"
    title = "This key may not do that"


class NotFound(FlaghoistError):
    """The named thing does not exist."""

    status = 404
    slug = "not-found"
    title = "Not found"


class MethodNotAllowed(FlaghoistError):
    """The path exists and does not accept this method."""

    status = 405
    slug = "method-not-allowed"
    title = "Method not allowed"


class Conflict(FlaghoistError):
    """The write conflicts with what is stored."""

    status = 409
    slug = "conflict"
    title = "The write contradicts what is stored"


class PreconditionFailed(FlaghoistError):
    """If-Match or If-None-Match does not hold for the current state."""

    status = 412
    slug = "precondition-failed"
    title = "The state has changed"


class PreconditionRequired(FlaghoistError):
    """A write of something that exists must carry If-Match."""

    status = 428
    slug = "precondition-required"
    title = "If-Match is required"


class TooManyRequests(FlaghoistError):
    """More requests or data than are accepted at a time; ``retry_after_seconds`` says when to retry."""

    status = 429
    slug = "too-many-requests"
    title = "Too much at a time"

    def __init__(self, message: str, retry_after_seconds: int = 5) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class Unavailable(FlaghoistError):
    """A service that this one needs does not answer; ``retry_after_seconds`` says when to retry."""

    status = 503
    slug = "unavailable"
    title = "Temporarily unavailable"

    def __init__(self, message: str, retry_after_seconds: int = 5) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class SnapshotError(FlaghoistError):
    """A snapshot cannot be read."""

    slug = "snapshot"
    title = "The snapshot cannot be read"


class SnapshotFormatError(SnapshotError):
    """The snapshot was written by a newer Flaghoist than this reader."""


class SnapshotCorrupt(SnapshotError):
    """Bytes do not match their hash or their layout."""

"""Parts that several declarations share: parameters, headers and bodies that no handler creates itself."""

from collections.abc import Mapping

import msgspec

from flaghoist.errors import Fault
from flaghoist.protocol.edge_origin import CONFIRMED_HEADER
from flaghoist.protocol.freshness import AGE_HEADER, LEVEL_HEADER, VERSION_HEADER
from flaghoist_origin.http.operations.operation import JSON, Parameter, ResponseDescription, Schema

NEVER = -1
TAG = r'(W/)?"[!#-~]*"'
TAGS = rf"^[ \t,]*(\*|{TAG}([ \t]*,[ \t,]*{TAG})*)?[ \t,]*$"
INSTANT: Schema = {"type": "string", "format": "date-time"}
VERSION_SCHEMA: Schema = {"type": "string", "pattern": "^[0-9]+-[0-9]+$"}

IF_MATCH = Parameter(
    "If-Match",
    "The ETag of what is overwritten; needed wherever something exists.",
    {"type": "string", "pattern": TAGS},
    "header",
)
IF_NONE_MATCH = Parameter(
    "If-None-Match",
    "On a read the ETag that is held; on a PUT `*`, to create and not overwrite.",
    {"type": "string", "pattern": TAGS},
    "header",
)
COMMENT = Parameter(
    "Flaghoist-Comment", "What the audit log says about the write.", {"type": "string", "maxLength": 4096}, "header"
)
LIMIT = Parameter(
    "limit", "How many items at most.", {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100}
)
CURSOR = Parameter("cursor", "`next` of the page before.", {"type": "string"})

HEADERS: Mapping[str, tuple[str, Schema]] = {
    "ETag": ("Strong tag of this state.", {"type": "string", "pattern": '^"[!#-~]*"$'}),
    VERSION_HEADER: ("Epoch and version of the snapshot.", VERSION_SCHEMA),
    AGE_HEADER: ("Seconds since an origin confirmed the snapshot.", {"type": "string", "pattern": "^[0-9]+$"}),
    LEVEL_HEADER: (
        "Where the answer stands, 0 (fresh) to 4 (defaults).",
        {"type": "string", "pattern": "^[0-4]$"},
    ),
    CONFIRMED_HEADER: ("When the manifest was confirmed, in milliseconds.", {"type": "string"}),
    "Retry-After": ("Seconds until it makes sense to ask again.", {"type": "string", "pattern": "^[0-9]+$"}),
    "WWW-Authenticate": ("How to send a key.", {"type": "string"}),
}

STATE = ("ETag", VERSION_HEADER)
UNCHANGED = ResponseDescription("What the caller holds is current.", headers=STATE)


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """An error (RFC 9457); ``errors`` holds every fault of an input with its path, ``instance`` names the request."""

    type: str
    title: str
    status: int
    detail: str
    instance: str = ""
    path: str = ""
    errors: tuple[Fault, ...] = ()
    limit: str = ""
    maximum: int = NEVER
    actual: int = NEVER


def read_answers(body: object, description: str) -> dict[int, ResponseDescription]:
    """Return the answers to a conditional read."""
    return {200: ResponseDescription(description, {JSON: body}, STATE), 304: UNCHANGED}


def written(body: object, description: str, *, etag: bool = True) -> ResponseDescription:
    """Return the answer to a write, or to a read that is not conditional."""
    return ResponseDescription(description, {JSON: body}, STATE if etag else STATE[1:])

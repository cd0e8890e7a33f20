"""Requests and replies as plain data, independent of any server."""

from collections.abc import Mapping
from typing import Literal

import msgspec

from flaghoist.model.context import Context
from flaghoist.protocol.fences import Fence

Route = Literal["bulk", "single", "bootstrap"]
Format = Literal["flaghoist", "ofrep", "launchdarkly", "values", "js"]
KeyKind = Literal["client", "server"]


class Request(msgspec.Struct, frozen=True):
    """One HTTP request. ``path`` and ``query`` are as sent, percent-encoding kept; header names are lower-case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


class LookUp(msgspec.Struct, frozen=True):
    """The variation of one flag that the snapshot of a version (``1-43``) served to one unit."""

    flag: str
    variant: str
    version: str
    unit: str


class Response(msgspec.Struct, frozen=True):
    """One HTTP response; ``headers`` carries each name once.

    ``look_up`` is what an answer to a single flag served, for whoever reports exposures. It does not travel.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes = b""
    look_up: LookUp | None = None


class EvaluationRequest(msgspec.Struct, frozen=True, kw_only=True):
    """An evaluation request, checked as far as possible without a snapshot.

    ``key`` is the caller's whole key and ``key_kind`` the kind that its text names. ``context`` holds no ``edge``
    attributes. With a ``token`` (a signed context) it stays empty until the token is verified; a plain context beside a
    token is ignored. ``sticky`` holds verified assignments: flag key to variation.
    """

    route: Route
    environment: str
    key: str
    key_kind: KeyKind
    context: Context
    key_in_url: bool = False
    flag_key: str = ""
    format: Format = "ofrep"
    fence: Fence | None = None
    if_none_match: str = ""
    wants_strong: bool = False
    token: str = ""
    sticky: Mapping[str, str] = {}


class Freshness(msgspec.Struct, frozen=True):
    """The freshness of an answer.

    ``level`` is one of `protocol.freshness`. ``age_seconds`` counts from the last confirmation of the snapshot.
    ``notes`` are short words for what the caller asked for and did not get. ``legs_ms`` is the time of each I/O step.
    ``consistency`` is ``strong`` or ``eventual`` if the caller asked for strong.
    """

    level: int = 0
    age_seconds: int = 0
    notes: tuple[str, ...] = ()
    legs_ms: Mapping[str, int] = {}
    consistency: str = ""

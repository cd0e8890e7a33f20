"""A request and its answer as plain data, whatever server they travel through."""

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


class Response(msgspec.Struct, frozen=True):
    """One HTTP response; ``headers`` carries each name once."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""


class EvaluationRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What a call asks, checked as far as it can be without a snapshot.

    ``key`` is the caller's whole key and ``key_kind`` what its text claims. ``context`` holds nothing named ``edge``;
    with a ``token``, which signs a context, it is empty until that is believed: what is said beside it never counts.
    ``sticky`` holds verified assignments, flag key to variation.
    """

    route: Route
    environment: str
    key: str
    key_kind: KeyKind
    context: Context
    key_in_url: bool = False
    flag_key: str = ""
    format: Format = "ofrep"
    floor: Fence | None = None
    if_none_match: str = ""
    wants_strong: bool = False
    token: str = ""
    sticky: Mapping[str, str] = {}


class Freshness(msgspec.Struct, frozen=True):
    """Where an answer stands.

    ``level`` is one of `flaghoist.protocol.freshness`. ``age_seconds`` counts from the last
    confirmation of the snapshot. ``notes`` are short words for what the caller asked and did not get. ``legs_ms`` is
    the time of each leg of I/O. ``consistency`` is ``strong`` or ``eventual`` where the caller asked for strong.
    """

    level: int = 0
    age_seconds: int = 0
    notes: tuple[str, ...] = ()
    legs_ms: Mapping[str, int] = {}
    consistency: str = ""

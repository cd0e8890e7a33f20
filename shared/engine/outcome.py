"""What an evaluation returns: one immutable object per distinct result of a flag, shared by all requests."""

from collections.abc import Mapping

from shared.model import ErrorCode, Reason

NO_METADATA: Mapping[str, str] = {}


class Outcome:
    """The result of one flag for one context, or why there is none.

    ``value_json`` is the value's JSON. ``metadata`` (``ruleId``, ``prerequisiteFailed``, ``excludedBy``) is for server
    keys only. ``rendered`` belongs to whoever writes answers: fragments of bodies, by format, made once per outcome.
    """

    __slots__ = (
        "error_code",
        "error_details",
        "flag_key",
        "flag_version",
        "metadata",
        "reason",
        "rendered",
        "value_json",
        "variation",
        "variation_index",
    )

    def __init__(
        self,
        flag_key: str,
        flag_version: int,
        reason: Reason,
        *,
        variation: str | None = None,
        variation_index: int | None = None,
        value_json: bytes | None = None,
        error_code: ErrorCode | None = None,
        error_details: str = "",
        metadata: Mapping[str, str] = NO_METADATA,
    ) -> None:
        self.flag_key = flag_key
        self.flag_version = flag_version
        self.reason = reason
        self.variation = variation
        self.variation_index = variation_index
        self.value_json = value_json
        self.error_code = error_code
        self.error_details = error_details
        self.metadata = metadata
        self.rendered: dict[str, bytes] = {}

    def __repr__(self) -> str:
        parts = (self.flag_key, self.variation, self.reason.value, self.error_code, dict(self.metadata))
        return f"Outcome{parts!r}"


def unknown_flag(key: str) -> Outcome:
    """Return the outcome of a flag that does not exist, is archived, or is hidden from the caller."""
    details = f"no flag {key!r} here: it is unknown, archived, or not visible to this key"
    return Outcome(key, 0, Reason.ERROR, error_code=ErrorCode.FLAG_NOT_FOUND, error_details=details)

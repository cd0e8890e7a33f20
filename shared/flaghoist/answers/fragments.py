"""The bytes of one flag in a body, rendered once per outcome and cached on it.

A body is these fragments joined, so an answer with a thousand flags serialises nothing.
"""

from collections.abc import Callable, Mapping

import msgspec

from flaghoist.hydration.escapes import in_script
from flaghoist.model.outcome import Outcome, Reason
from flaghoist.protocol.requests import KeyKind
from flaghoist.rules.views import View

Render = Callable[[Outcome], bytes]

_encode = msgspec.json.encode
_NULL = b"null"
_REASONS: Mapping[Reason, bytes] = {reason: _encode(reason) for reason in Reason}


def value_of(outcome: Outcome) -> bytes:
    """Return the JSON of the outcome's value, ``null`` where it has none."""
    return _NULL if outcome.value_json is None else outcome.value_json


def ofrep_failure(outcome: Outcome) -> bytes:
    """Return the OFREP failure of an outcome without a value."""
    return _encode({"key": outcome.flag_key, "errorCode": outcome.error_code, "errorDetails": outcome.error_details})


def ofrep_success(outcome: Outcome, metadata: bytes) -> bytes:
    """Return the OFREP success of an outcome with a value; ``metadata`` is the JSON of its metadata."""
    return b'{"key":%b,"value":%b,"reason":%b,"variant":%b,"metadata":%b}' % (
        _encode(outcome.flag_key),
        value_of(outcome),
        _REASONS[outcome.reason],
        _encode(outcome.variation),
        metadata,
    )


def _ofrep_plain(outcome: Outcome) -> bytes:
    """Return the item without the details that are for server keys only."""
    if outcome.error_code is not None:
        return ofrep_failure(outcome)
    return b'{"key":%b,"value":%b,"reason":%b,"variant":%b,"metadata":{"flagVersion":%d}}' % (
        _encode(outcome.flag_key),
        value_of(outcome),
        _REASONS[outcome.reason],
        _encode(outcome.variation),
        outcome.flag_version,
    )


def _ofrep_detailed(outcome: Outcome) -> bytes:
    if not outcome.metadata:
        return _ofrep_plain(outcome)
    return ofrep_success(outcome, _encode({"flagVersion": outcome.flag_version, **outcome.metadata}))


def _member_plain(outcome: Outcome) -> bytes:
    """Return ``"key":{…}`` of a bootstrap without the details that are for server keys only."""
    if outcome.error_code is not None:
        return _member_failed(outcome)
    return b'%b:{"value":%b,"variation":%b,"reason":%b,"version":%d}' % (
        _encode(outcome.flag_key),
        value_of(outcome),
        _encode(outcome.variation),
        _REASONS[outcome.reason],
        outcome.flag_version,
    )


def _member_detailed(outcome: Outcome) -> bytes:
    if not outcome.metadata:
        return _member_plain(outcome)
    return b"%b,%b" % (_member_plain(outcome)[:-1], _encode(outcome.metadata)[1:])


def _member_failed(outcome: Outcome) -> bytes:
    failure: dict[str, object] = {
        "value": None,
        "variation": None,
        "reason": outcome.reason,
        "version": outcome.flag_version,
        "errorCode": outcome.error_code,
        "errorDetails": outcome.error_details,
    }
    return b"%b:%b" % (_encode(outcome.flag_key), _encode(failure))


def _value_member(outcome: Outcome) -> bytes:
    """Return ``"key":value``."""
    return b"%b:%b" % (_encode(outcome.flag_key), value_of(outcome))


def _launchdarkly_state(outcome: Outcome) -> bytes:
    """Return ``"key":{…}`` of LaunchDarkly's ``$flagsState``: the variation's index and the flag's version."""
    state: dict[str, int] = {} if outcome.variation_index is None else {"variation": outcome.variation_index}
    return b"%b:%b" % (_encode(outcome.flag_key), _encode({**state, "version": outcome.flag_version}))


def _in_script(render: Render) -> Render:
    return lambda outcome: in_script(render(outcome))


_MEMBERS: Mapping[KeyKind, Render] = {"client": _member_plain, "server": _member_detailed}

OFREP_ITEMS: Mapping[KeyKind, View] = {
    "client": View("ofrep.client", _ofrep_plain),
    "server": View("ofrep.server", _ofrep_detailed),
}
MEMBERS: Mapping[KeyKind, View] = {kind: View(f"flaghoist.{kind}", render) for kind, render in _MEMBERS.items()}
SCRIPT_MEMBERS: Mapping[KeyKind, View] = {
    kind: View(f"js.{kind}", _in_script(render)) for kind, render in _MEMBERS.items()
}
VALUES = View("values", _value_member)
LAUNCHDARKLY_STATES = View("launchdarkly", _launchdarkly_state)

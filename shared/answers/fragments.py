"""What one flag contributes to a body: bytes rendered once per outcome and kept on it.

A body is these fragments joined, so a request with a thousand flags serialises nothing.
"""

from collections.abc import Callable, Mapping

import msgspec

from shared.answers.calls import KeyKind
from shared.bulk.views import View
from shared.engine.outcome import Outcome
from shared.model import Reason

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


def _ofrep_item(outcome: Outcome, details: Mapping[str, str]) -> bytes:
    if outcome.error_code is not None:
        return ofrep_failure(outcome)
    if not details:
        return ofrep_success(outcome, b'{"flagVersion":%d}' % outcome.flag_version)
    return ofrep_success(outcome, _encode({"flagVersion": outcome.flag_version, **details}))


def _bootstrap_member(outcome: Outcome, details: Mapping[str, str]) -> bytes:
    rest: dict[str, object] = {
        "variation": outcome.variation,
        "reason": outcome.reason,
        "version": outcome.flag_version,
        **details,
    }
    if outcome.error_code is not None:
        rest |= {"errorCode": outcome.error_code, "errorDetails": outcome.error_details}
    return b'%b:{"value":%b,%b' % (_encode(outcome.flag_key), value_of(outcome), _encode(rest)[1:])


def _value_member(outcome: Outcome) -> bytes:
    """Return ``"key":value``."""
    return b"%b:%b" % (_encode(outcome.flag_key), value_of(outcome))


def _launchdarkly_state(outcome: Outcome) -> bytes:
    """Return ``"key":{…}`` of LaunchDarkly's ``$flagsState``: the variation's index and the flag's version."""
    state: dict[str, int] = {} if outcome.variation_index is None else {"variation": outcome.variation_index}
    return b"%b:%b" % (_encode(outcome.flag_key), _encode({**state, "version": outcome.flag_version}))


def _for_clients(render: Callable[[Outcome, Mapping[str, str]], bytes]) -> Render:
    return lambda outcome: render(outcome, {})


def _for_servers(render: Callable[[Outcome, Mapping[str, str]], bytes]) -> Render:
    return lambda outcome: render(outcome, outcome.metadata)


def _in_script(render: Render) -> Render:
    return lambda outcome: in_script(render(outcome))


_MEMBERS: Mapping[KeyKind, Render] = {
    "client": _for_clients(_bootstrap_member),
    "server": _for_servers(_bootstrap_member),
}

OFREP_ITEMS: Mapping[KeyKind, View] = {
    "client": View("ofrep.client", _for_clients(_ofrep_item)),
    "server": View("ofrep.server", _for_servers(_ofrep_item)),
}
MEMBERS: Mapping[KeyKind, View] = {kind: View(f"flaghoist.{kind}", render) for kind, render in _MEMBERS.items()}
SCRIPT_MEMBERS: Mapping[KeyKind, View] = {
    kind: View(f"js.{kind}", _in_script(render)) for kind, render in _MEMBERS.items()
}
VALUES = View("values", _value_member)
LAUNCHDARKLY_STATES = View("launchdarkly", _launchdarkly_state)


def in_script(json: bytes) -> bytes:
    """Return JSON escaped for a single-quoted JavaScript string that may stand inside a ``<script>`` element."""
    for plain, escaped in _SCRIPT_ESCAPES:
        json = json.replace(plain, escaped)
    return json


_SCRIPT_ESCAPES = (
    (b"\\", b"\\\\"),
    (b"'", b"\\'"),
    (b"<", b"\\u003c"),
    (b"\xe2\x80\xa8", b"\\u2028"),
    (b"\xe2\x80\xa9", b"\\u2029"),
)

"""Read the evaluation context from a body or a query parameter; reject any other member.

A context is plain, or signed in a token. A plain context beside a token is checked and ignored: the token holds the
whole context. So an environment can require signatures later without changing the answers of callers who already sign.
"""

from collections.abc import Mapping

import msgspec

from flaghoist.errors import Fault, InputError
from flaghoist.limits import CONTEXT_BYTES, REQUEST_BYTES
from flaghoist.model.context import Context, without_edge
from flaghoist.model.context_checks import check_context, check_context_size
from flaghoist.text import base64url, strict_json
from flaghoist.text import json_paths as paths

SIGNED_HEADER = "Flaghoist-Context"

_CONTEXT = "$.context"
_SIGNED_PARAMETER = "signed_context"
_SIGNED = "signedContext"
_MEMBERS = frozenset(("context", _SIGNED))
_UNKNOWN = "unknown member: a body holds context or signedContext alone"
_MOST_NAMED = 10


class Sent(msgspec.Struct, frozen=True):
    """The user's data in a request: a plain ``context``, and the ``token`` that signs one (empty: none)."""

    context: Context
    token: str = ""


def ofrep_context(body: bytes) -> Sent:
    """Return the context of an OFREP body: ``{}``, ``{"context": {…}}`` or ``{"signedContext": "…"}``."""
    tree = strict_json.decode(body, max_bytes=REQUEST_BYTES)
    if not isinstance(tree, dict):
        raise InputError.at("$", 'the body is a JSON object: {"context": {…}}')
    if not _MEMBERS.issuperset(tree):
        unknown = [name for name in tree if name not in _MEMBERS]
        raise InputError(*(Fault(paths.member(paths.ROOT, name), _UNKNOWN) for name in unknown[:_MOST_NAMED]))
    context = _checked(tree["context"], body) if "context" in tree else {}
    return Sent(context, _signed(tree)) if _SIGNED in tree else Sent(context)


def bootstrap_context(body: bytes) -> Sent:
    """Return the context of a bootstrap body: as in an OFREP body, or the body itself is the context."""
    tree = strict_json.decode(body, max_bytes=REQUEST_BYTES)
    if isinstance(tree, dict):
        if len(tree) == 1 and isinstance(tree.get("context"), dict):
            return Sent(_checked(tree["context"], body))
        if _SIGNED in tree:
            return ofrep_context(body)
    return Sent(_checked(tree, body, "$"))


def query_context(parameters: Mapping[str, str]) -> Sent:
    """Return the context in the query: ``context`` (base64url JSON, padding optional), ``signed_context`` (a token)."""
    token, text = parameters.get(_SIGNED_PARAMETER, ""), parameters.get("context")
    if text is None:
        return Sent({}, token)
    raw = base64url.decode(text)
    if raw is None:
        raise InputError.at("context", "context is not base64url: encode the JSON with - and _ for + and /")
    check_context_size(raw, _CONTEXT)
    return Sent(without_edge(check_context(strict_json.decode(raw, max_bytes=REQUEST_BYTES))), token)


def only_token(in_header: str, sent: str) -> str:
    """Return the request's token; raise InputError if header and body hold different ones."""
    if in_header and sent and in_header != sent:
        raise InputError.at(_SIGNED, f"the context is signed twice: send one token, in {SIGNED_HEADER} or in the body")
    return in_header or sent


def _signed(tree: Mapping[str, object]) -> str:
    token = tree[_SIGNED]
    if not isinstance(token, str):
        raise InputError.at(f"$.{_SIGNED}", "signedContext is a JWT, as text")
    return token


def _checked(tree: object, body: bytes, path: str = _CONTEXT) -> Context:
    """Check shape and size; measure the context by itself only if the size of the body does not decide."""
    context = check_context(tree, path)
    if len(body) > CONTEXT_BYTES.value:
        check_context_size(msgspec.json.encode(context), path)
    return without_edge(context)

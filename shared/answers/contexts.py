"""Read the evaluation context out of a body or a query parameter, and nothing that does not belong there."""

import binascii
import re
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from typing import NoReturn

import msgspec

from shared import context as contexts
from shared import paths, strict_json
from shared.context import Context
from shared.errors import Fault, InputError
from shared.limits import CONTEXT_BYTES, REQUEST_BYTES

_CONTEXT = "$.context"
_BASE64URL = re.compile(r"([A-Za-z0-9_-]*)={0,2}")
_UNKNOWN = "unknown member: a body holds context alone"
_MOST_NAMED = 10


def ofrep_context(body: bytes) -> Context:
    """Return the context of an OFREP body: ``{}``, ``{"context": {}}`` or ``{"context": {…}}``."""
    tree = strict_json.decode(body, max_bytes=REQUEST_BYTES)
    if not isinstance(tree, dict):
        raise InputError.at("$", 'the body is a JSON object: {"context": {…}}')
    unknown = [name for name in tree if name != "context"]
    if unknown:
        raise InputError(*(Fault(paths.member(paths.ROOT, name), _UNKNOWN) for name in unknown[:_MOST_NAMED]))
    return _checked(tree["context"], body) if "context" in tree else {}


def bootstrap_context(body: bytes) -> Context:
    """Return the context of a bootstrap body: the body itself, or the object in its only member ``context``."""
    tree = strict_json.decode(body, max_bytes=REQUEST_BYTES)
    if isinstance(tree, dict) and len(tree) == 1 and isinstance(tree.get("context"), dict):
        return _checked(tree["context"], body)
    return _checked(tree, body, "$")


def query_context(parameters: Mapping[str, str]) -> Context:
    """Return the context of the ``context`` parameter: base64url JSON, padding optional; none is an empty one."""
    text = parameters.get("context")
    if text is None:
        return {}
    raw = _from_base64url(text)
    contexts.check_size(raw, _CONTEXT)
    return contexts.without_edge(contexts.check(strict_json.decode(raw, max_bytes=REQUEST_BYTES)))


def _from_base64url(text: str) -> bytes:
    found = _BASE64URL.fullmatch(text)
    try:
        return urlsafe_b64decode(found[1] + "=" * (-len(found[1]) % 4)) if found else _not_base64url()
    except binascii.Error:
        return _not_base64url()


def _not_base64url() -> NoReturn:
    raise InputError.at("context", "context is not base64url: encode the JSON with - and _ for + and /") from None


def _checked(tree: object, body: bytes, path: str = _CONTEXT) -> Context:
    """Check shape and size; the context's own size is measured only where the body alone does not settle it."""
    context = contexts.check(tree, path)
    if len(body) > CONTEXT_BYTES.value:
        contexts.check_size(msgspec.json.encode(context), path)
    return contexts.without_edge(context)

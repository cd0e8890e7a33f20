"""Read query strings strictly: each parameter once, and percent-encoding that decodes to text."""

from collections.abc import Mapping
from urllib.parse import unquote_to_bytes

from flaghoist.errors import InputError, LimitExceeded
from flaghoist.limits import REQUEST_BYTES

_KNOWN = (
    *("consistency", "context", "flagConfigEtag", "flagConfigLastModified"),
    *("format", "key", "min_version", "signed_context"),
)
"""The known parameters; others, such as cache busters, are ignored."""


def read_query(query: str) -> Mapping[str, str]:
    """Return the known parameters of a raw query string (without ``?``); raise InputError naming a bad one."""
    if not query:
        return {}
    if len(query) > REQUEST_BYTES.value:
        raise LimitExceeded(REQUEST_BYTES, len(query), "context", too_large=True)
    parameters: dict[str, str] = {}
    for part in query.split("&"):
        raw_name, _, raw_value = part.partition("=")
        name = _decode("query", raw_name)
        if name not in _KNOWN:
            continue
        if name in parameters:
            raise InputError.at(name, f"the query gives {name} more than once: give it once")
        parameters[name] = _decode(name, raw_value)
    return parameters


def _decode(name: str, raw: str) -> str:
    if "%" not in raw and "+" not in raw:
        return raw
    try:
        return unquote_to_bytes(raw.replace("+", " ")).decode()
    except UnicodeDecodeError:
        raise InputError.at(name, f"the query's {name} is not percent-encoded UTF-8") from None

"""Report an error as an RFC 9457 problem; on OFREP paths the body is an OFREP failure as well."""

import msgspec

from flaghoist.errors import (
    ContextRefused,
    FlaghoistError,
    InputError,
    KeyRefused,
    MethodNotAllowed,
    TooManyRequests,
    Unavailable,
)
from flaghoist.model.outcome import ErrorCode
from flaghoist.protocol.cors import CORS_HEADERS
from flaghoist.protocol.paths import allowed_methods, flag_key_of, is_ofrep
from flaghoist.protocol.requests import Request, Response

PROBLEM_PREFIX = "urn:flaghoist:problem:"
_PROBLEM_TYPE = "application/problem+json"
_OFREP_TYPE = "application/json"
_CONTEXT_PATHS = ("$.context", "context", "$.signedContext", "signedContext", "signed_context")


def problem(error: FlaghoistError) -> dict[str, object]:
    """Return the members of the error's problem body."""
    return {
        "type": PROBLEM_PREFIX + error.slug,
        "title": error.title,
        "status": error.status,
        "detail": str(error) or error.title,
        **error.members(),
    }


def refuse(error: FlaghoistError, request: Request | None) -> Response:
    """Return the response that reports ``error``; ``request`` is None if the request could not be read."""
    return report(error, request.path if request else "")


def report(error: FlaghoistError, path: str) -> Response:
    """Return the response that reports ``error`` at ``path``; an empty path means that none could be read."""
    body = problem(error)
    members = _ofrep_members(error, path) if is_ofrep(path) else {}
    headers = {
        "Content-Type": _OFREP_TYPE if members else _PROBLEM_TYPE,
        "Cache-Control": "no-store",
        **CORS_HEADERS,
        **_headers_of(error, path),
    }
    return Response(error.status, headers, msgspec.json.encode({**members, **body}))


def _headers_of(error: FlaghoistError, path: str) -> dict[str, str]:
    if isinstance(error, KeyRefused | ContextRefused):
        return {"WWW-Authenticate": "Bearer"}
    if isinstance(error, MethodNotAllowed):
        return {"Allow": allowed_methods(path)}
    if isinstance(error, TooManyRequests | Unavailable):
        return {"Retry-After": str(error.retry_after_seconds)}
    return {}


def _ofrep_members(error: FlaghoistError, path: str) -> dict[str, object]:
    """Return the OFREP members of such a body: a failure for bad input, details for a server error, else nothing."""
    if isinstance(error, InputError):
        key = flag_key_of(path)
        code = ErrorCode.INVALID_CONTEXT if _concerns_context(error) else ErrorCode.PARSE_ERROR
        return {**({"key": key} if key else {}), "errorCode": code, "errorDetails": str(error)}
    return {"errorDetails": str(error) or error.title} if error.status >= 500 else {}


def _concerns_context(error: InputError) -> bool:
    return error.faults[0].path.startswith(_CONTEXT_PATHS)

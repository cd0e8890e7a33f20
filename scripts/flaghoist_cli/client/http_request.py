"""Send one HTTP request and return its answer, or raise one sentence that names the address and the remedy."""

from collections.abc import Container, Mapping

import httpx
import msgspec

from flaghoist.errors import Fault, InputError
from flaghoist.text.retry_after import retry_after_seconds
from flaghoist_cli.terminal.failure import CommandFailed

# Addresses of this machine are reached directly, without a proxy.
DIRECT: Mapping[str, None] = {"all://127.0.0.1": None, "all://localhost": None}
_REMEDIES: Mapping[int, str] = {
    401: "give a valid key with --key or FLAGHOIST_KEY",
    403: "give a key of this kind with --key or FLAGHOIST_KEY",
    409: "remove the conflict that the message names, then run the command again",
    412: "somebody else has written meanwhile: check the changes and run the command again",
    413: "make the file smaller",
    503: "wait a moment and run the command again",
}


class ProblemDetails(msgspec.Struct):
    """What we read of an RFC 9457 problem body; ``type`` ends in the error's slug."""

    type: str = ""
    title: str = ""
    detail: str = ""
    errors: tuple[Fault, ...] = ()


class Refused(CommandFailed):
    """The server answered with an error; ``problem`` names its kind, such as ``kv-ahead``.

    ``status`` is the HTTP status, ``retry_after_seconds`` the wait before a retry.
    """

    def __init__(self, message: str, problem: str, status: int = 0, retry_after_seconds: float = 0.0) -> None:
        super().__init__(message)
        self.problem, self.status, self.retry_after_seconds = problem, status, retry_after_seconds


class OriginUnreachable(CommandFailed):
    """Nobody answered; the request may have been executed all the same."""


def send_request(
    client: httpx.Client,
    method: str,
    path: str,
    *,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    accepted: Container[int] = (),
) -> httpx.Response:
    """Return the answer if its status is below 400 or ``accepted``; raise CommandFailed or InputError otherwise."""
    sent = {"Content-Type": "application/json", **(headers or {})} if body else dict(headers or {})
    try:
        response = client.request(method, path, content=body or None, headers=sent)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise OriginUnreachable(
            f"{client.base_url} does not answer ({_describe(error)}): "
            "start it with `flaghoist dev`, or name another address with --origin"
        ) from error
    if response.status_code >= httpx.codes.BAD_REQUEST and response.status_code not in accepted:
        raise _refusal(response)
    return response


def _describe(error: Exception) -> str:
    return str(error) or type(error).__name__


def _refusal(response: httpx.Response) -> CommandFailed | InputError:
    problem = _problem(response)
    if problem.errors:
        return InputError(*problem.errors)
    status = response.status_code
    detail = problem.detail or problem.title or response.reason_phrase
    remedy = _REMEDIES.get(status)
    request = f"{response.request.method} {response.request.url.copy_with(query=None)}"
    sentence = f"{request} answers {status}: {detail}" + (f": {remedy}" if remedy else "")
    return Refused(sentence, problem.type.rpartition(":")[2], status, retry_after_seconds(response.headers))


def _problem(response: httpx.Response) -> ProblemDetails:
    try:
        return msgspec.json.decode(response.content, type=ProblemDetails)
    except msgspec.MsgspecError:
        return ProblemDetails()

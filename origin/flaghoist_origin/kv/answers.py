"""Interpret Cloudflare's answers: whether a retry can help, and what an operator should do."""

from collections.abc import Iterable, Mapping
from typing import Final, TypeVar

import msgspec

from flaghoist.errors import Unavailable
from flaghoist.text.retry_after import retry_after_seconds

A = TypeVar("A", bound="Envelope")
KEY_NOT_FOUND = 10009
PERMISSION: Final = "give the token in FLAGHOIST_KV_TOKEN the permission Account / Workers KV Storage / Edit"
NAMESPACE: Final = "check FLAGHOIST_KV_BASE_URL, FLAGHOIST_KV_ACCOUNT and FLAGHOIST_KV_NAMESPACE"
LATER: Final = "nothing is lost: what is committed is published when KV answers again"
REPORT: Final = "the request itself was refused and would be again: check FLAGHOIST_KV_BASE_URL and update Flaghoist"
TRY_AGAIN_STATUSES = frozenset({408, 429, *range(500, 600)})
REMEDIES: Mapping[int, str] = {401: PERMISSION, 403: PERMISSION, 404: NAMESPACE}


class KvUnavailable(Unavailable):
    """Workers KV did not accept or return a value; ``retry_after_seconds`` says when a retry is useful."""

    slug = "kv-unavailable"
    title = "Workers KV is not available"


class ApiFault(msgspec.Struct, frozen=True):
    """One fault as Cloudflare's envelope lists it."""

    code: int = 0
    message: str = ""


class Envelope(msgspec.Struct, frozen=True):
    """The envelope of every JSON answer of Cloudflare's API."""

    success: bool
    errors: tuple[ApiFault, ...] = ()


class BulkResult(msgspec.Struct, frozen=True):
    """The keys of a bulk call that failed."""

    unsuccessful_keys: tuple[str, ...] | None = None


class BulkAnswer(Envelope, frozen=True):
    """The answer to a bulk write or delete."""

    result: BulkResult | None = None


class KeyName(msgspec.Struct, frozen=True):
    """One key of a listing."""

    name: str


class Cursor(msgspec.Struct, frozen=True):
    """Where the next page begins; empty on the last one."""

    cursor: str | None = None


class KeyPage(Envelope, frozen=True):
    """One page of a listing."""

    result: tuple[KeyName, ...] = ()
    result_info: Cursor = Cursor()


class KvFault(Exception):
    """One failed attempt: what happened, whether a retry can help, and the wait that Cloudflare asked for."""

    def __init__(self, what: str, remedy: str = LATER, *, is_transient: bool = True, wait_seconds: float = 0.0) -> None:
        super().__init__(what)
        self.what, self.remedy = what, remedy
        self.is_transient, self.wait_seconds = is_transient, wait_seconds

    def as_error(self, action: str, retry_after_seconds: float) -> KvUnavailable:
        """Return the error that says that ``action`` failed permanently."""
        return KvUnavailable(f"{action} failed: {self.what}; {self.remedy}", max(1, round(retry_after_seconds)))


def status_fault(status: int, headers: Mapping[str, str], body: bytes) -> KvFault:
    """Return the meaning of an answer with an error status."""
    said = _listed(_api_faults(body))
    is_transient = status in TRY_AGAIN_STATUSES
    return KvFault(
        what=f"Cloudflare answered {status}" + (f": {said}" if said else ""),
        remedy=REMEDIES.get(status, LATER if is_transient else REPORT),
        is_transient=is_transient,
        wait_seconds=retry_after_seconds(headers),
    )


def read_answer(body: bytes, kind: type[A]) -> A:
    """Return a successful JSON answer; raise KvFault if it reports a failure or is not Cloudflare's."""
    try:
        answer = msgspec.json.decode(body, type=kind)
    except msgspec.MsgspecError as error:
        raise KvFault("the answer is not one of Cloudflare's API", NAMESPACE) from error
    if not answer.success:
        raise KvFault("Cloudflare did not succeed: " + _listed(answer.errors))
    return answer


def says_key_not_found(body: bytes) -> bool:
    """Return whether an answer with status 404 is about the key, and not about the namespace or the path."""
    return any(fault.code == KEY_NOT_FOUND for fault in _api_faults(body))


def _api_faults(body: bytes) -> tuple[ApiFault, ...]:
    try:
        return msgspec.json.decode(body, type=Envelope).errors
    except msgspec.MsgspecError:
        return ()


def _listed(faults: Iterable[ApiFault]) -> str:
    return "; ".join(f"{fault.message} (code {fault.code})" for fault in faults)

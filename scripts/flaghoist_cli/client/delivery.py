"""Deliver a write to an origin that may not be able to accept it now: retry, then save it for later.

A write names the state that it replaces, so sending it twice does no harm: the second is rejected, and then the
origin's state shows whether the first has arrived.
"""

import time
from collections.abc import Callable

from flaghoist.model.flags import FlagSet
from flaghoist_cli.client.http_request import OriginUnreachable, Refused
from flaghoist_cli.client.origin_client import OriginClient
from flaghoist_cli.client.write_queue import WriteQueue
from flaghoist_cli.files.differences import compare
from flaghoist_cli.terminal.failure import CommandFailed

UNAVAILABLE, CHANGED = 503, 412
OUTCOME_UNKNOWN = "outcome-unknown"
PAUSE_SECONDS = 1.0
LOOKS = 3


class NotDelivered(CommandFailed):
    """The origin did not accept the write in time."""


class QueueDelivery:
    """Sends snapshots to the origin of ``client`` for up to ``wait_seconds`` each; ``report`` gets a line per wait."""

    def __init__(
        self,
        client: OriginClient,
        queue: WriteQueue,
        wait_seconds: float,
        *,
        report: Callable[[str], None],
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client, self._queue, self._wait_seconds = client, queue, wait_seconds
        self._report, self._sleep = report, sleep

    def send_write(self, flagset: FlagSet, if_match: str) -> str:
        """Write a snapshot and return its version; if that fails for now, save it and raise CommandFailed."""
        try:
            return self._deliver(flagset, if_match, is_unsure=False)
        except NotDelivered as failure:
            path = self._queue.add_write(self._client.target, flagset, if_match)
            raise CommandFailed(f"{failure}: it is saved in {path}; `flaghoist queue send` retries it") from failure

    def send_queued(self) -> tuple[str, ...]:
        """Deliver the saved writes of this environment; return the versions. A failed write and all later ones stay."""
        versions: list[str] = []
        for write in self._queue.writes():
            if write.is_for(self._client.target):
                versions.append(self._deliver(write.flagset, write.if_match, is_unsure=True))
                self._queue.remove_write(write)
                self._report(f"delivered the queued write {write.id} as version {versions[-1]}")
        return tuple(versions)

    def _deliver(self, flagset: FlagSet, if_match: str, *, is_unsure: bool) -> str:
        waited = 0.0
        while True:
            try:
                return self._client.replace_snapshot(flagset, if_match)
            except (Refused, OriginUnreachable) as failure:
                if is_unsure and _status(failure) == CHANGED:
                    return self._arrived(flagset, failure)
                if _status(failure) not in {0, UNAVAILABLE}:
                    raise
                is_unsure = is_unsure or _may_have_happened(failure)
                pause = _pause_seconds(failure)
                if waited + pause > self._wait_seconds:
                    raise NotDelivered(f"the origin did not accept the write ({failure})") from failure
            self._report(f"the origin cannot write for now: retrying in {pause:g} s")
            self._sleep(pause)
            waited += pause

    def _arrived(self, flagset: FlagSet, refusal: CommandFailed) -> str:
        """Return the version if the origin has the content of the write; its memory may be behind its database."""
        for look in range(LOOKS):
            snapshot = self._client.snapshot()
            if not compare(snapshot.flagset, flagset):
                return snapshot.version
            if look < LOOKS - 1:
                self._sleep(PAUSE_SECONDS)
        raise refusal


def _status(failure: CommandFailed) -> int:
    return failure.status if isinstance(failure, Refused) else 0


def _may_have_happened(failure: CommandFailed) -> bool:
    return not isinstance(failure, Refused) or failure.problem == OUTCOME_UNKNOWN


def _pause_seconds(failure: CommandFailed) -> float:
    wait_seconds = failure.retry_after_seconds if isinstance(failure, Refused) else 0.0
    return wait_seconds or PAUSE_SECONDS

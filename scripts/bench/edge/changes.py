"""Replay changes from a separate process: ``python -m bench.edge.changes FILE``."""

import sys
import time
from pathlib import Path

import httpx
import msgspec

from bench.edge.publication import SERVER_KEY, pairs

INTERVAL_SECONDS = 1.0
_TIMEOUT_SECONDS = 20.0
_ATTEMPTS = 40
_PAUSE_SECONDS = 0.1


class FlagChange(msgspec.Struct, frozen=True):
    """The values written to KV, and the version that a fenced request then requires; empty for no request."""

    values: dict[str, bytes]
    floor: str


class Replay(msgspec.Struct, frozen=True):
    """Changes for the KV at ``kv_url``; after each one, one ``flag`` is requested from the edge."""

    kv_url: str
    token: str
    edge_url: str
    flag: str
    changes: tuple[FlagChange, ...]


def main() -> int:
    """Make one change each second and print how many were visible late; the exit status is 1 if one never was."""
    replay = msgspec.msgpack.decode(Path(sys.argv[1]).read_bytes(), type=Replay)
    with httpx.Client(trust_env=False, timeout=_TIMEOUT_SECONDS) as client:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        start, late = time.monotonic(), 0
        for number, change in enumerate(replay.changes):
            time.sleep(max(0.0, start + (number + 0.5) * INTERVAL_SECONDS - time.monotonic()))
            requests = _make(client, replay, change)
            if requests == 0:
                sys.stderr.write(f"version {change.floor} was written and is not served\n")
                return 1
            late += requests > 1
        sys.stdout.write(f"{late}\n")
    return 0


def _make(client: httpx.Client, replay: Replay, change: FlagChange) -> int:
    """Make one change and return how many requests it took until the edge served it, 0 if it never did."""
    stored = client.put(
        replay.kv_url, json=list(pairs(change.values)), headers={"Authorization": f"Bearer {replay.token}"}
    )
    stored.raise_for_status()
    for attempt in range(1, _ATTEMPTS + 1):
        if _served(client, replay, change) == change.floor or not change.floor:
            return attempt
        time.sleep(_PAUSE_SECONDS)
    return 0


def _served(client: httpx.Client, replay: Replay, change: FlagChange) -> str:
    """Request one flag with a fence, and return the version of the answer."""
    fence = f"?min_version={change.floor}" if change.floor else ""
    answered = client.post(
        f"{replay.edge_url}/ofrep/v1/evaluate/flags/{replay.flag}{fence}",
        json={"context": {"targetingKey": "watcher"}},
        headers={"Authorization": f"Bearer {SERVER_KEY}"},
    )
    return str(answered.headers.get("Flaghoist-Version", ""))


if __name__ == "__main__":
    sys.exit(main())

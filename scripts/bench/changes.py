"""Replay changes from another process than the one that measures: ``python -m scripts.bench.changes FILE``."""

import sys
import time
from pathlib import Path

import httpx
import msgspec

from scripts.bench.publication import SERVER_KEY, pairs

INTERVAL_SECONDS = 1.0
_TIMEOUT_SECONDS = 20.0


class Change(msgspec.Struct, frozen=True):
    """What is written to KV, and the version that a fenced request then asks for; empty where nobody asks."""

    values: dict[str, bytes]
    floor: str


class Replay(msgspec.Struct, frozen=True):
    """Changes for the KV at ``kv_url``; after each one the edge is asked for one ``flag``."""

    kv_url: str
    token: str
    edge_url: str
    flag: str
    changes: tuple[Change, ...]


def main() -> int:
    """Make one change each second; the exit status is 1 when the edge did not serve one of them at once."""
    replay = msgspec.msgpack.decode(Path(sys.argv[1]).read_bytes(), type=Replay)
    with httpx.Client(trust_env=False, timeout=_TIMEOUT_SECONDS) as client:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        start = time.monotonic()
        for number, change in enumerate(replay.changes):
            time.sleep(max(0.0, start + (number + 0.5) * INTERVAL_SECONDS - time.monotonic()))
            served = _make(client, replay, change)
            if change.floor and served != change.floor:
                sys.stderr.write(f"version {change.floor} was written and {served} is served\n")
                return 1
    return 0


def _make(client: httpx.Client, replay: Replay, change: Change) -> str:
    """Make one change and return the version that the edge then serves."""
    stored = client.put(
        replay.kv_url, json=list(pairs(change.values)), headers={"Authorization": f"Bearer {replay.token}"}
    )
    stored.raise_for_status()
    fence = f"?min_version={change.floor}" if change.floor else ""
    answered = client.post(
        f"{replay.edge_url}/ofrep/v1/evaluate/flags/{replay.flag}{fence}",
        json={"context": {"targetingKey": "watcher"}},
        headers={"Authorization": f"Bearer {SERVER_KEY}"},
    )
    return str(answered.headers.get("Flaghoist-Version", ""))


if __name__ == "__main__":
    sys.exit(main())

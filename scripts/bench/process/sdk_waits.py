"""How long evaluations wait while the provider applies changes: ``python -m bench.process.sdk_waits FLAGS CHANGES``.

The provider follows a stream that is generated here and passes through its HTTP client, without a network. A call's
wait is its duration minus the processor time of its own thread. If the machine does other work, the thread that holds
the interpreter may itself wait for a processor: run the measurement with ``chrt -f 20``.
"""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Iterator
from importlib import import_module
from typing import Any

import httpx
import msgspec
from msgspec.structs import replace

from bench.edge.publication import ENVIRONMENT, SERVER_KEY
from bench.inputs.flag_sets import flag_set
from bench.inputs.visitors import visitor
from bench.measuring.plan import SEED
from bench.measuring.rounds import percentile, without_collector
from flaghoist.model.flags import TARGETING_KEY, Flag, FlagSet, SnapshotVersion
from flaghoist_origin.serving.snapshot_document import document_of, patch_document
from flaghoist_origin.storage.history.version_log import LoggedChange
from flaghoist_origin.streams.events import frame, greeting

PAUSE_SECONDS = 0.05
_VISITORS = 200
_FEW = 50
_MS = 1e3
_US = 1e6


class Waits(msgspec.Struct, frozen=True):
    """The durations of evaluations of single flags while so many changes were applied, one every 50 ms."""

    flags: int
    changes: int
    evaluations: int
    p50_us: float
    p99_us: float
    longest_ms: float
    longest_wait_ms: float


def events(flagset: FlagSet, changes: int) -> Iterator[bytes]:
    """Yield a stream: all flags, then changes that switch one flag each."""
    first = SnapshotVersion(1, 1)
    yield greeting(1_000, None) + frame("put", first, msgspec.json.encode(document_of(ENVIRONMENT, first, flagset)))
    flags = list(flagset.flags.values())
    for number in range(changes):
        since, version = SnapshotVersion(1, number + 1), SnapshotVersion(1, number + 2)
        flag = flags[number % len(flags)]
        change = _logged(replace(flag, on=not flag.on, version=flag.version + number + 1))
        yield frame("patch", version, msgspec.json.encode(patch_document(ENVIRONMENT, since, version, [change])))


def _logged(flag: Flag) -> LoggedChange:
    return LoggedChange("flags", flag.key, "updated", True, msgspec.Raw(msgspec.json.encode(flag)))


def measure(flags: int, changes: int) -> Waits:
    """Return the durations of evaluations until the provider has applied the last change."""
    flagset = flag_set("mix", flags, SEED)
    provider = _following(list(events(flagset, changes)))
    try:
        calls = _until(provider, str(SnapshotVersion(1, changes + 1)), list(flagset.flags))
    finally:
        provider.shutdown()
    took, waited = (sorted(each) for each in zip(*calls, strict=True))
    middle, tail = percentile(took, 0.5) * _US, percentile(took, 0.99) * _US
    return Waits(flags, changes, len(took), middle, tail, took[-1] * _MS, waited[-1] * _MS)


def _following(said: list[bytes]) -> Any:
    """Return a provider that follows an origin with this stream."""

    async def stream() -> AsyncIterator[bytes]:
        for event in said:
            yield event
            await asyncio.sleep(PAUSE_SECONDS)

    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=stream(), headers={"Content-Type": "text/event-stream"})

    # Imported here, because the SDK's packages are not needed to import this module.
    options = import_module("flaghoist.sdk.runtime.options").Options
    transport = {"transport": httpx.MockTransport(answer)}
    made = options(origin="http://origin.test", key=SERVER_KEY, reports=False, start_seconds=60.0, http=transport)
    provider = import_module("flaghoist.sdk.provider").FlaghoistProvider(made)
    provider.initialize(import_module("openfeature.evaluation_context").EvaluationContext())
    return provider


def _until(provider: Any, version: str, keys: list[str]) -> list[tuple[float, float]]:
    """Evaluate until the provider has reached a version; return the duration and the wait of each call, in seconds."""
    contexts = [_known(number) for number in range(_VISITORS)]
    found: list[tuple[float, float]] = []
    with without_collector():
        while provider.state.version != version:
            for number in range(_FEW):
                key, context = keys[(len(found) + number) % len(keys)], contexts[number % _VISITORS]
                start, worked = time.perf_counter(), time.thread_time()
                provider.resolve_boolean_details(key, False, context)
                own, took = time.thread_time() - worked, time.perf_counter() - start
                found.append((took, max(0.0, took - own)))
            time.sleep(0.0005)
    return found


def _known(number: int) -> object:
    context = visitor(number)
    rest = {name: value for name, value in context.items() if name != TARGETING_KEY}
    return import_module("openfeature.evaluation_context").EvaluationContext(context[TARGETING_KEY], rest)


def main() -> int:
    """Print the result as one JSON object."""
    flags, changes = int(sys.argv[1]), int(sys.argv[2])
    sys.stdout.buffer.write(msgspec.json.encode(measure(flags, changes)) + b"\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

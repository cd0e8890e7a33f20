"""Python SDKs side by side in this process: ``python -m bench.process.python_sdks FLAGS SECONDS`` prints their figures.

Run it in the environment where they are installed; this module imports none of them at the top.
"""

import logging
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from importlib.metadata import version
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec

from bench.edge.publication import CLIENT_KEY, ENVIRONMENT, SECRET, Publication
from bench.formats import flagd, growthbook, launchdarkly, unleash
from bench.inputs.flag_sets import flag_set
from bench.inputs.visitors import visitor
from bench.measuring.plan import SEED
from bench.measuring.results import InProcess
from bench.measuring.rounds import percentile, spread, without_collector
from flaghoist.answers.answering import answer
from flaghoist.answers.serving_snapshot import prepare
from flaghoist.engine.load import load
from flaghoist.model.context import Context
from flaghoist.model.flags import TARGETING_KEY, FlagSet, FlagType, JsonValue
from flaghoist.protocol.evaluation_requests import read_evaluation
from flaghoist.protocol.requests import Freshness, Request
from flaghoist.snapshot.manifest import decode_manifest
from flaghoist.snapshot.sealing import Sealer
from flaghoist_cli.files.flag_files import encode_flag_set

ROUNDS = 5
_SINGLES = 200
_LEAST_TAIL = 1_000
_US = 1e6
_MS = 1e3


class Sdk(msgspec.Struct, frozen=True):
    """One SDK: the value of one flag, and an answer with all flags as JSON."""

    name: str
    single: Callable[[Context, str], object]
    bulk: Callable[[Context], bytes]


def ours(flagset: FlagSet) -> Sdk:
    """Return ours: the engine of edge and origin, and OFREP's bulk answer."""
    publication = Publication.of(flagset)
    packed = publication.packing.packed
    loaded = load(packed.shards, packed.blobs, Sealer(SECRET.encode(), ENVIRONMENT))
    (manifest,) = publication.manifest().values()
    snapshot = prepare(decode_manifest(manifest), loaded)
    headers = {"authorization": f"Bearer {CLIENT_KEY}"}
    call = Request("POST", "/ofrep/v1/evaluate/flags", "", headers, b'{"context":{}}')
    evaluation_request, now_ms = read_evaluation(call), int(time.time() * _MS)

    def bulk(context: Context) -> bytes:
        request = msgspec.structs.replace(evaluation_request, context=context)
        return answer(request, snapshot, Freshness(0, 0), now_ms=now_ms).body

    return Sdk("Flaghoist", lambda context, key: snapshot.loaded.engine.evaluate(key, context), bulk)


def ours_in_openfeature(flagset: FlagSet) -> Sdk:
    """Return our provider behind OpenFeature's client, as applications use it, started from a file."""
    api, provider = import_module("openfeature.api"), import_module("flaghoist.sdk.provider").FlaghoistProvider
    options = import_module("flaghoist.sdk.runtime.options").Options
    evaluation_context = import_module("openfeature.evaluation_context").EvaluationContext
    with TemporaryDirectory(prefix="flaghoist-bench-") as folder:
        file = Path(folder) / "flags.json"
        file.write_bytes(encode_flag_set(flagset))
        made = provider(options(offline=True, bootstrap_file=file))
        api.set_provider_and_wait(made, str(id(made)))
    client = api.get_client(str(id(made)))
    getters: Mapping[FlagType, tuple[Callable[..., object], JsonValue]] = {
        "boolean": (client.get_boolean_details, False),
        "string": (client.get_string_details, ""),
        "float": (client.get_float_details, 0.0),
        "object": (client.get_object_details, {}),
    }
    of_flag = {flag.key: getters[flag.type] for flag in flagset.flags.values() if flag.type}

    def known(context: Context) -> object:
        rest = {name: value for name, value in context.items() if name != TARGETING_KEY}
        return evaluation_context(context[TARGETING_KEY], rest)

    def single(context: Context, key: str) -> object:
        get, default = of_flag[key]
        return get(key, default, known(context))

    return Sdk("Flaghoist, in OpenFeature's client", single, lambda context: bytes(made.bootstrap(known(context)).body))


def of_launchdarkly(flagset: FlagSet) -> Sdk:
    """Return LaunchDarkly's, with its store filled as by a daemon."""
    ld, kinds = import_module("ldclient"), import_module("ldclient.versioned_data_kind")
    store = import_module("ldclient.feature_store").InMemoryFeatureStore()
    config = import_module("ldclient.config").Config
    document = _plain(launchdarkly.document(flagset))
    store.init({kinds.FEATURES: document["flags"], kinds.SEGMENTS: {}})
    client = ld.LDClient(
        config("sdk-bench", feature_store=store, use_ldd=True, send_events=False, diagnostic_opt_out=True)
    )

    def known(context: Context) -> object:
        builder = ld.Context.builder(context[TARGETING_KEY])
        for name, value in context.items():
            if name != TARGETING_KEY:
                builder.set(name, value)
        return builder.build()

    def bulk(context: Context) -> bytes:
        state = client.all_flags_state(known(context), client_side_only=True)
        return bytes(state.to_json_string().encode())

    return Sdk(
        _named("launchdarkly-server-sdk"), lambda context, key: client.variation(key, known(context), None), bulk
    )


def of_growthbook(flagset: FlagSet) -> Sdk:
    """Return GrowthBook's."""
    features = _plain(growthbook.document(flagset))["features"]
    client = import_module("growthbook").GrowthBook(features=features)

    def single(context: Context, key: str) -> object:
        client.set_attributes({**context, "id": context[TARGETING_KEY]})
        return client.eval_feature(key)

    def bulk(context: Context) -> bytes:
        client.set_attributes({**context, "id": context[TARGETING_KEY]})
        found = {key: client.eval_feature(key) for key in features}
        return msgspec.json.encode({key: {"value": one.value, "source": one.source} for key, one in found.items()})

    return Sdk(_named("growthbook"), single, bulk)


def of_flagd(flagset: FlagSet) -> Sdk:
    """Return flagd's evaluator; its type names are those of the OpenFeature SDK."""
    core = import_module("openfeature.contrib.tools.flagd.core").FlagdCore()
    core.set_flags(_plain(flagd.document(flagset)))
    evaluation_context = import_module("openfeature.evaluation_context").EvaluationContext
    resolvers: Mapping[FlagType, tuple[Callable[..., object], JsonValue]] = {
        "boolean": (core.resolve_boolean_value, False),
        "string": (core.resolve_string_value, ""),
        "float": (core.resolve_float_value, 0.0),
        "object": (core.resolve_object_value, {}),
    }
    types = {flag.key: resolvers[flag.type] for flag in flagset.flags.values() if flag.type}

    def known(context: Context) -> object:
        rest = {name: value for name, value in context.items() if name != TARGETING_KEY}
        return evaluation_context(context[TARGETING_KEY], rest)

    def single(context: Context, key: str) -> object:
        resolve, default = types[key]
        return resolve(key, default, known(context))

    def bulk(context: Context) -> bytes:
        known_context = known(context)
        found = [(key, resolve(key, default, known_context)) for key, (resolve, default) in types.items()]
        return msgspec.json.encode([_evaluation(key, one) for key, one in found])

    return Sdk(_named("openfeature-flagd-core"), single, bulk)


def of_unleash(flagset: FlagSet) -> Sdk:
    """Return Unleash's engine, which its Python SDK calls for every flag, without the SDK's metrics."""
    engine = import_module("yggdrasil_engine.engine").UnleashEngine()
    engine.take_state(msgspec.json.encode(unleash.document(flagset)).decode())
    keys = list(flagset.flags)

    def known(context: Context) -> dict[str, object]:
        rest = {name: str(value) for name, value in context.items() if name != TARGETING_KEY}
        return {"userId": context[TARGETING_KEY], "properties": rest}

    def bulk(context: Context) -> bytes:
        known_context = known(context)
        found = {key: engine.check_variant(key, known_context) for key in keys}
        return msgspec.json.encode({key: str(one) for key, one in found.items()})

    return Sdk(_named("yggdrasil-engine"), lambda context, key: engine.check_enabled(key, known(context)), bulk)


SDKS: tuple[Callable[[FlagSet], Sdk], ...] = (
    ours,
    ours_in_openfeature,
    of_launchdarkly,
    of_growthbook,
    of_unleash,
    of_flagd,
)


def _plain(document: JsonValue) -> dict[str, Any]:
    """Return a document with lists for tuples, as JSON would give it."""
    return msgspec.json.decode(msgspec.json.encode(document), type=dict[str, Any])


def _evaluation(key: str, found: object) -> Mapping[str, object]:
    value, variant, reason = (getattr(found, name) for name in ("value", "variant", "reason"))
    return {"key": key, "value": value, "variant": variant, "reason": str(reason)}


def _named(package: str) -> str:
    return f"{package} {version(package)}"


def _took(perform: Callable[[int], object], seconds: float, least: int) -> list[float]:
    """Return how many seconds each call took, sorted."""
    found: list[float] = []
    with without_collector():
        end = time.perf_counter() + seconds
        for number in count():
            if len(found) >= least and time.perf_counter() >= end:
                return sorted(found)
            start = time.perf_counter()
            perform(number)
            found.append(time.perf_counter() - start)
    return found


class _Race:
    """The SDKs, measured in turn."""

    def __init__(self, flagset: FlagSet) -> None:
        self._sdks = [make(flagset) for make in SDKS]
        self._keys = list(flagset.flags)
        self._visitors = [visitor(number) for number in range(1_000)]

    def run(self, seconds: float) -> Iterator[tuple[str, InProcess]]:
        """Yield each SDK's figures."""
        singles: dict[str, list[float]] = {sdk.name: [] for sdk in self._sdks}
        bulks: dict[str, list[float]] = {sdk.name: [] for sdk in self._sdks}
        tails: dict[str, list[float]] = {sdk.name: [] for sdk in self._sdks}
        for _ in range(ROUNDS):
            for sdk in self._sdks:
                singles[sdk.name].append(self._single(sdk, seconds))
                bulks[sdk.name].append(self._bulk(sdk, seconds))
                tails[sdk.name].append(self._tail(sdk, seconds))
        for sdk in self._sdks:
            size = len(sdk.bulk(self._visitors[0]))
            figures = [spread(each[sdk.name]) for each in (singles, bulks, tails)]
            yield sdk.name, InProcess(figures[0], figures[1], size, figures[2])

    def _single(self, sdk: Sdk, seconds: float) -> float:
        """Return the median µs of one flag, over runs through many flags."""

        def perform(number: int) -> None:
            context = self._visitors[number % len(self._visitors)]
            for key in self._keys[:_SINGLES]:
                sdk.single(context, key)

        runs = _took(perform, seconds, 3)
        return percentile(runs, 0.5) / min(_SINGLES, len(self._keys)) * _US

    def _tail(self, sdk: Sdk, seconds: float) -> float:
        """Return the 99th percentile in µs of evaluations of one flag, each timed by itself.

        The garbage collector runs here as usual: its pauses are part of the tail.
        """
        found: list[float] = []
        end = time.perf_counter() + seconds
        for number in count():
            if len(found) >= _LEAST_TAIL and time.perf_counter() >= end:
                break
            context, key = self._visitors[number % len(self._visitors)], self._keys[number % len(self._keys)]
            start = time.perf_counter()
            sdk.single(context, key)
            found.append(time.perf_counter() - start)
        return percentile(sorted(found), 0.99) * _US

    def _bulk(self, sdk: Sdk, seconds: float) -> float:
        runs = _took(lambda number: sdk.bulk(self._visitors[number % len(self._visitors)]), seconds, 2)
        return percentile(runs, 0.5) * _MS


def main() -> int:
    """Print each SDK's figures as one JSON object."""
    flags, seconds = int(sys.argv[1]), float(sys.argv[2])
    logging.disable(logging.CRITICAL)
    race = _Race(flag_set("mix", flags, SEED))
    sys.stdout.buffer.write(msgspec.json.encode(dict(race.run(seconds))))
    return 0


if __name__ == "__main__":
    sys.exit(main())

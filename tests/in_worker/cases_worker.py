"""Run behaviour cases and golden vectors against the compiled engine, in CPython and inside workerd alike.

Needs nothing but `shared/`, msgspec and the standard library; cases and results are plain JSON data.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from flaghoist.engine.load import load
from flaghoist.model.bucketing import BUCKET_BY
from flaghoist.model.flags import FlagSet
from flaghoist.model.outcome import Outcome
from flaghoist.snapshot.pack import pack
from flaghoist.snapshot.sealing import Sealer
from flaghoist.validation import read_snapshot, validate

Json = dict[str, Any]

ENVIRONMENT = "production"
SECRET = b"a secret for tests"


def run_cases(cases: Iterable[Json]) -> list[Json]:
    """Return for every case its id, whether it passed, and both results."""
    return [_run_case(case) for case in cases]


def run_vectors(vectors: Iterable[Json]) -> list[Json]:
    """Return for every golden vector the same, with buckets as results."""
    return [_compared(_vector_id(v), v["bucket"], _bucket(v)) for v in vectors]


def read_flagset(case: Json) -> FlagSet:
    """Return the case's flag set, read and validated as a snapshot that somebody puts."""
    flagset = read_snapshot({part: _listed(case.get(part, {})) for part in ("flags", "segments", "groups")})
    validate(flagset)
    return flagset


def expected(case: Json) -> Json:
    """Return the case's expectation in full: the value is the variation's unless given, the rest is nothing."""
    wanted = case["expect"]
    variation = wanted.get("variation")
    values = case["flags"].get(case["flag"], {}).get("variations", {})
    return {
        "variation": variation,
        "value": wanted.get("value", values.get(variation)),
        "reason": wanted["reason"],
        "errorCode": wanted.get("errorCode"),
        "metadata": wanted.get("metadata", {}),
    }


def described(outcome: Outcome) -> Json:
    """Return an outcome as JSON data, in the shape of an expectation."""
    return {
        "variation": outcome.variation,
        "value": None if outcome.value_json is None else json.loads(outcome.value_json),
        "reason": outcome.reason.value,
        "errorCode": outcome.error_code and outcome.error_code.value,
        "metadata": dict(outcome.metadata),
    }


def identical(left: object, right: object) -> bool:
    """Say whether two JSON values are the same, booleans apart from numbers."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(identical(value, right[key]) for key, value in left.items())
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(identical, left, right))
    return isinstance(left, bool) == isinstance(right, bool) and left == right


def _run_case(case: Json) -> Json:
    sealer = Sealer(SECRET, ENVIRONMENT)
    packed = pack(read_flagset(case), sealer).packed
    engine = load(packed.shards, packed.blobs, sealer).engine
    outcome = engine.evaluate(case["flag"], case["context"], sticky=case.get("sticky", {}))
    return _compared(case["id"], expected(case), described(outcome))


def _compared(id: str, wanted: object, got: object) -> Json:
    return {"id": id, "passed": identical(wanted, got), "expected": wanted, "actual": got}


def _listed(parts: Mapping[str, Json]) -> list[Json]:
    return [{"key": key, **document} for key, document in parts.items()]


def _bucket(vector: Json) -> int:
    return BUCKET_BY[vector.get("algorithm", "sha256")](vector["salt"], vector["flag"], vector["key"])


def _vector_id(vector: Json) -> str:
    return f"{vector.get('algorithm', 'vector')}-{vector['salt']}-{vector['flag']}-{vector['key'][:40]}"

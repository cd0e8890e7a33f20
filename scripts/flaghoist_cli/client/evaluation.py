"""Evaluate a flag set in this process, with the engine that the edge runs."""

import msgspec

from flaghoist.engine.engine import Engine
from flaghoist.engine.load import load
from flaghoist.explain import Step, explain
from flaghoist.model.context import Context
from flaghoist.model.flags import FlagSet
from flaghoist.snapshot.pack import pack
from flaghoist.snapshot.sealing import Sealer

_IN_PROCESS = b"sealed and opened in this process only"


class EvaluationResult(msgspec.Struct, frozen=True, omit_defaults=True):
    """The outcome of one flag as the command prints it; ``value`` is missing if there is none."""

    key: str
    reason: str
    value: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    variation: str | None = None
    version: int = 0
    error_code: str = ""
    error_details: str = ""
    metadata: dict[str, str] = {}
    steps: tuple[Step, ...] = ()


def engine_of(flagset: FlagSet) -> Engine:
    """Return the engine that the edge would run for a valid flag set."""
    sealer = Sealer(_IN_PROCESS, "local")
    packed = pack(flagset, sealer).packed
    return load(packed.shards, packed.blobs, sealer).engine


def evaluate_flag(flagset: FlagSet, flag: str, context: Context, *, explained: bool = False) -> EvaluationResult:
    """Return one flag's answer as a server key would see it, with the steps that led to it when ``explained``."""
    outcome = engine_of(flagset).evaluate(flag, context)
    return EvaluationResult(
        key=outcome.flag_key,
        reason=outcome.reason.value,
        value=msgspec.UNSET if outcome.value_json is None else msgspec.Raw(outcome.value_json),
        variation=outcome.variation,
        version=outcome.flag_version,
        error_code=outcome.error_code.value if outcome.error_code else "",
        error_details=outcome.error_details,
        metadata=dict(outcome.metadata),
        steps=explain(flagset, flag, context).steps if explained else (),
    )

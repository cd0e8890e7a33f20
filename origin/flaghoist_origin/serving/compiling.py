"""Compile a committed flag set: packed for KV, loaded for evaluation here, and made ready to answer."""

from flaghoist.answers.serving_snapshot import prepare
from flaghoist.engine.load import load
from flaghoist.model.flags import FlagSet
from flaghoist.snapshot.pack import pack
from flaghoist.snapshot.sealing import Sealer
from flaghoist_origin.serving.environment_state import CompiledFlagSet, EnvironmentState, build_manifest
from flaghoist_origin.settings.stream_places import Places
from flaghoist_origin.storage.database.records import EnvironmentRecord


class FlagSetCompiler:
    """Compiles flag sets; ``secret`` seals identifiers, and edges take a manifest as fresh for ``ttl_seconds``."""

    def __init__(self, secret: str, ttl_seconds: int) -> None:
        self._secret, self._ttl_seconds = secret.encode(), ttl_seconds

    def compile(self, environment: str, flagset: FlagSet, previous: CompiledFlagSet | None) -> CompiledFlagSet:
        """Return the compiled form of a valid flag set; raise LimitExceeded. May run in a thread."""
        return compile_flagset(flagset, Sealer(self._secret, environment), previous)

    def build_state(
        self, record: EnvironmentRecord, compiled: CompiledFlagSet, now_ms: int, places: Places
    ) -> EnvironmentState:
        """Return the state of ``record``, whose flag set is ``compiled``."""
        manifest = build_manifest(record, compiled.packing, now_ms, self._ttl_seconds, dict(places.urls))
        return EnvironmentState(record, compiled, prepare(manifest, compiled.loaded), self._ttl_seconds, places)


def compile_flagset(flagset: FlagSet, sealer: Sealer, previous: CompiledFlagSet | None) -> CompiledFlagSet:
    """Return the compiled form of a valid flag set; parts that it shares with ``previous`` are not compiled again."""
    packing = pack(flagset, sealer, previous.packing if previous else None)
    packed = packing.packed
    loaded = load(packed.shards, packed.blobs, sealer, previous.loaded if previous else None)
    return CompiledFlagSet(packing, loaded)

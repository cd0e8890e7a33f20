"""The measured subjects: our edge, empty Workers as floors, and the peers with their data formats."""

from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Literal

import msgspec

from bench.formats import flagd, growthbook, launchdarkly, statsig
from flaghoist.model.flags import FlagSet, JsonValue

Role = Literal["ours", "floor", "peer"]

OURS = "flaghoist"
EMPTY_PYTHON = "empty_python"
EMPTY_JS = "empty_js"
LAUNCHDARKLY_CACHED = "launchdarkly_cached"


class Subject(msgspec.Struct, frozen=True):
    """One row of the table: its name in results, its title, and its role."""

    name: str
    label: str
    role: Role


class Peer(msgspec.Struct, frozen=True):
    """A JavaScript peer: its row, and its data format as ``document(flagset)`` and ``values(answer)``."""

    subject: Subject
    format: Literal["launchdarkly", "growthbook", "flagd", "statsig"]

    @property
    def name(self) -> str:
        """The name of its row and of its bundled Worker."""
        return self.subject.name

    def document(self, flagset: FlagSet) -> bytes:
        """Return the flag set in the peer's format."""
        make: Callable[[FlagSet], JsonValue] = _FORMATS[self.format].document
        return msgspec.json.encode(make(flagset))

    def values(self, answer: bytes) -> Mapping[str, JsonValue]:
        """Return the value of each flag in the peer's answer."""
        read: Callable[[bytes], Mapping[str, JsonValue]] = _FORMATS[self.format].values
        return read(answer)


_FORMATS: Mapping[str, ModuleType] = {
    "launchdarkly": launchdarkly,
    "growthbook": growthbook,
    "flagd": flagd,
    "statsig": statsig,
}

PEERS: tuple[Peer, ...] = (
    Peer(Subject("launchdarkly_kv", "LaunchDarkly edge SDK, KV (its default)", "peer"), "launchdarkly"),
    Peer(Subject(LAUNCHDARKLY_CACHED, "LaunchDarkly edge SDK, cached", "peer"), "launchdarkly"),
    Peer(Subject("statsig", "Statsig", "peer"), "statsig"),
    Peer(Subject("growthbook", "GrowthBook, payload in memory", "peer"), "growthbook"),
    Peer(Subject("growthbook_kv", "GrowthBook, from KV", "peer"), "growthbook"),
    Peer(Subject("flagd", "flagd core (JavaScript)", "peer"), "flagd"),
)

SUBJECTS: tuple[Subject, ...] = (
    Subject(OURS, "Flaghoist", "ours"),
    Subject(EMPTY_PYTHON, "empty Python Worker, same bytes", "floor"),
    Subject(EMPTY_JS, "empty JavaScript Worker, same bytes", "floor"),
    *(peer.subject for peer in PEERS),
)

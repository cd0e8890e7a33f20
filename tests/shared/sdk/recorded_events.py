"""What a provider reported to OpenFeature, in order, without the executor that calls handlers."""

from collections.abc import Sequence

from openfeature.event import ProviderEvent, ProviderEventDetails
from openfeature.provider import FeatureProvider

READY = ProviderEvent.PROVIDER_READY
STALE = ProviderEvent.PROVIDER_STALE
ERROR = ProviderEvent.PROVIDER_ERROR
CHANGED = ProviderEvent.PROVIDER_CONFIGURATION_CHANGED


class RecordedEvents:
    """Takes the events of one provider: give `attach_to` to its ``attach``, or `record` to whatever emits."""

    def __init__(self) -> None:
        self.all: list[tuple[ProviderEvent, ProviderEventDetails]] = []

    def attach_to(self, _provider: FeatureProvider, event: ProviderEvent, details: ProviderEventDetails) -> None:
        self.record(event, details)

    def record(self, event: ProviderEvent, details: ProviderEventDetails) -> None:
        self.all.append((event, details))

    @property
    def levels(self) -> Sequence[tuple[ProviderEvent, object]]:
        """Return the events of levels, each with the level that it names."""
        return [(event, details.metadata["level"]) for event, details in self.all if event is not CHANGED]

    @property
    def changes(self) -> Sequence[tuple[str, ...]]:
        """Return the flags that each change named."""
        return [tuple(details.flags_changed or ()) for event, details in self.all if event is CHANGED]

    def messages(self) -> list[str]:
        """Return the messages, for people."""
        return [f"{event.name}: {details.message}" for event, details in self.all]

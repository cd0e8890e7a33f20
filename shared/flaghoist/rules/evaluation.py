"""The state of one evaluation: a context, and the results computed for it so far."""

from collections.abc import Callable, Mapping
from typing import Protocol

from flaghoist.model.bucketing import Words, words_of
from flaghoist.model.context import Context, look_up, unit
from flaghoist.model.flags import TARGETING_KEY, JsonValue
from flaghoist.model.outcome import Outcome
from flaghoist.snapshot.sealing import Sealer

Truth = Callable[["Evaluation"], bool]
Resolve = Callable[["Evaluation"], Outcome]


class Resolvable(Protocol):
    """A flag as seen by flags that depend on it."""

    @property
    def resolve(self) -> Resolve:
        """Its evaluation."""


class Flags(Protocol):
    """All flags of an engine."""

    def get(self, key: str) -> Resolvable | None:
        """Return the flag of this key, if any."""


_UNSEEN = object()


class Evaluation:
    """One context against one engine; every look-up, unit, segment and prerequisite is computed at most once.

    ``assignments`` are verified sticky assignments: flag key → variation.
    """

    __slots__ = (
        "_attributes",
        "_flags",
        "_outcomes",
        "_sealed",
        "_sealer",
        "_segments",
        "_truths",
        "_units",
        "_words",
        "assignments",
        "context",
    )

    def __init__(
        self,
        context: Context,
        flags: Flags,
        segments: Mapping[str, Truth],
        sealer: Sealer,
        assignments: Mapping[str, str],
    ) -> None:
        self.context = context
        self.assignments = assignments
        self._flags = flags
        self._segments = segments
        self._sealer = sealer
        self._attributes: dict[str, JsonValue] = {}
        self._units: dict[str, str | None] = {}
        self._words: dict[str, Words] = {}
        self._truths: dict[str, bool] = {}
        self._outcomes: dict[str, Outcome | None] = {}
        self._sealed: bytes | None = None

    def attribute(self, name: str) -> JsonValue:
        """Return the attribute's value; None when it is missing or null."""
        value = self._attributes.get(name, _UNSEEN)
        if value is _UNSEEN:
            value = self._attributes[name] = look_up(self.context, name)
        return value

    def unit(self, by: str) -> str | None:
        """Return the unit in attribute ``by``, if there is one."""
        if by not in self._units:
            self._units[by] = unit(self.attribute(by))
        return self._units[by]

    def words(self, unit: str) -> Words:
        """Return the words of a unit for draws by ``mix``."""
        if unit not in self._words:
            self._words[unit] = words_of(unit)
        return self._words[unit]

    def sealed_unit(self) -> bytes | None:
        """Return the sealed targeting key, if the context has one."""
        if self._sealed is None:
            key = self.unit(TARGETING_KEY)
            self._sealed = b"" if key is None else self._sealer.unit(key)
        return self._sealed or None

    def seal(self, value: bool | int | float | str) -> bytes:
        """Return the sealed form of a scalar."""
        return self._sealer.scalar(value)

    def in_segment(self, key: str) -> bool:
        """Return whether the context is in the segment; nobody is in an unknown segment."""
        known = self._truths.get(key)
        if known is None:
            self._truths[key] = False
            contains = self._segments.get(key)
            known = self._truths[key] = contains is not None and contains(self)
        return known

    def outcome_of(self, key: str) -> Outcome | None:
        """Return another flag's outcome; None when it does not exist."""
        if key not in self._outcomes:
            self._outcomes[key] = None
            flag = self._flags.get(key)
            self._outcomes[key] = flag.resolve(self) if flag else None
        return self._outcomes[key]

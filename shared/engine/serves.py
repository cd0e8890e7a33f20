"""What a flag or a rule serves, with its outcomes made: one of them for everybody, or a draw among several."""

from dataclasses import dataclass

from shared.engine.outcome import NO_METADATA, Outcome
from shared.model import ErrorCode, Reason
from shared.snapshot.wire import A_ROLLOUT, WireFlag, WireServe


@dataclass(frozen=True, slots=True)
class Draw:
    """A draw by the unit in attribute ``by``: the first of ``bounds`` above its bucket tells which of ``choices``.

    ``prefix`` is what precedes the unit in the hashed text; ``missing`` is the outcome without a unit.
    """

    by: str
    prefix: str
    bounds: tuple[int, ...]
    choices: tuple[Outcome, ...]
    missing: Outcome


Serve = Outcome | Draw


class FlagOutcomes:
    """Makes the outcomes of one flag, each distinct one once."""

    __slots__ = ("_flag", "_made")

    def __init__(self, flag: WireFlag) -> None:
        self._flag = flag
        self._made: dict[tuple[object, ...], Outcome] = {}

    def serve(self, variation: int, reason: Reason, name: str = "", value: str = "") -> Outcome:
        """Return the outcome of serving a variation, with at most one item of metadata."""
        made = self._made.get((variation, reason, name, value))
        if made is None:
            flag = self._flag
            made = self._made[variation, reason, name, value] = Outcome(
                flag.key,
                flag.version,
                reason,
                variation=flag.names[variation],
                variation_index=variation,
                value_json=flag.values[variation],
                metadata={name: value} if name else NO_METADATA,
            )
        return made

    def missing_unit(self, by: str) -> Outcome:
        """Return the error of a draw for which the context holds no unit."""
        made = self._made.get((by,))
        if made is None:
            details = f"flag {self._flag.key!r} draws by {by!r}: send it as a non-empty string or an integer"
            made = self._made[by,] = Outcome(
                self._flag.key,
                self._flag.version,
                Reason.ERROR,
                error_code=ErrorCode.TARGETING_KEY_MISSING,
                error_details=details,
            )
        return made

    def prerequisite_failed(self, key: str) -> Outcome:
        """Return the off variation, because prerequisite ``key`` does not hold."""
        return self.serve(self._flag.off, Reason.DEFAULT, "prerequisiteFailed", key)

    def of(self, serve: WireServe, reason: Reason, rule_id: str = "") -> Serve:
        """Return what ``serve`` serves; ``reason`` is that of a single variation, a draw has its own."""
        name = "ruleId" if rule_id else ""
        if serve.variation != A_ROLLOUT:
            return self.serve(serve.variation, reason, name, rule_id)
        choices = tuple(self.serve(choice, Reason.SPLIT, name, rule_id) for choice in serve.choices)
        return Draw(serve.by, serve.prefix, serve.bounds, choices, self.missing_unit(serve.by))

"""Fluent builders of the flag model: a test names what matters to it and leaves out the rest.

``a_flag("checkout").on().rule("pro", a_clause("plan", "in", "pro"), serve="on").build()``
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict, Unpack

import msgspec

from flaghoist.model.flags import (
    Algorithm,
    Clause,
    Flag,
    FlagSet,
    Group,
    GroupClaim,
    JsonValue,
    Operator,
    Prerequisite,
    Rollout,
    Rule,
    Scalar,
    Segment,
    Serve,
    Target,
    Weight,
)

Served = str | Rollout


class FlagText(TypedDict, total=False):
    """Members of a flag that change no evaluation."""

    description: str
    tags: tuple[str, ...]
    owner: str
    temporary: bool


def a_clause(attribute: str, op: str, *values: Scalar, negate: bool = False) -> Clause:
    """Return a clause; for ``in_segment`` the attribute is the empty string."""
    return Clause(op=Operator(op), values=values, attribute=attribute, negate=negate)


def a_rollout(
    *,
    by: str = "targetingKey",
    salt: str = "",
    algorithm: Algorithm = "sha256",
    **weights: int,
) -> Rollout:
    """Return a rollout: ``a_rollout(on=20_000, off=80_000)``, weights in the order given."""
    listed = tuple(Weight(variation=name, weight=weight) for name, weight in weights.items())
    return Rollout(weights=listed, by=by, salt=salt, algorithm=algorithm)


def a_serve(served: Served) -> Serve:
    """Return what a rule or a fallthrough serves: a variation's name or a rollout."""
    return Serve(variation=served) if isinstance(served, str) else Serve(rollout=served)


@dataclass(frozen=True)
class FlagBuilder:
    """A flag in the making; every method returns a new builder, so a half-built one can be shared."""

    flag: Flag

    def build(self) -> Flag:
        """Return the flag as built so far."""
        return self.flag

    def _with(self, **members: object) -> FlagBuilder:
        return FlagBuilder(msgspec.structs.replace(self.flag, **members))

    def on(self, is_on: bool = True) -> FlagBuilder:
        """Switch the flag on (or off)."""
        return self._with(on=is_on)

    def archived(self) -> FlagBuilder:
        """Archive the flag: evaluation no longer finds it."""
        return self._with(archived=True)

    def client_visible(self) -> FlagBuilder:
        """Show the flag to client keys."""
        return self._with(client_visible=True)

    def strong(self) -> FlagBuilder:
        """Ask for answers from the origin."""
        return self._with(consistency="strong")

    def sticky(self) -> FlagBuilder:
        """Let a verified assignment replace the rollout's draw."""
        return self._with(sticky=True)

    def salt(self, salt: str) -> FlagBuilder:
        """Set the salt of the flag's rollouts."""
        return self._with(salt=salt)

    def version(self, version: int) -> FlagBuilder:
        """Set the count of writes."""
        return self._with(version=version)

    def variations(self, off: str, /, **values: JsonValue) -> FlagBuilder:
        """Replace the variations; ``off`` names the off variation and, until changed, the fallthrough."""
        type_ = _type_of(values[off])
        return self._with(variations=values, off_variation=off, fallthrough=Serve(variation=off), type=type_)

    def fallthrough(self, served: Served) -> FlagBuilder:
        """Serve this to contexts that no target and no rule takes."""
        return self._with(fallthrough=a_serve(served))

    def target(self, variation: str, *keys: str | int) -> FlagBuilder:
        """Give these units the variation whatever the rules say."""
        return self._with(targets=(*self.flag.targets, Target(variation=variation, keys=keys)))

    def rule(self, id: str, *clauses: Clause, serve: Served) -> FlagBuilder:
        """Append a rule."""
        return self._with(rules=(*self.flag.rules, Rule(id=id, clauses=clauses, serve=a_serve(serve))))

    def requires(self, flag: str, *variations: str) -> FlagBuilder:
        """Append a prerequisite: ``flag`` must serve one of ``variations``."""
        required = Prerequisite(flag=flag, variations=variations)
        return self._with(prerequisites=(*self.flag.prerequisites, required))

    def in_group(self, key: str, start: int, end: int) -> FlagBuilder:
        """Claim the buckets from ``start`` up to, not including, ``end`` of a group."""
        return self._with(group=GroupClaim(key=key, range=(start, end)))

    def described(self, **text: Unpack[FlagText]) -> FlagBuilder:
        """Set what people read: description, tags, owner, temporary."""
        return self._with(**text)


@dataclass(frozen=True)
class SegmentBuilder:
    """A segment in the making."""

    segment: Segment

    def build(self) -> Segment:
        """Return the segment as built so far."""
        return self.segment

    def including(self, *keys: str | int) -> SegmentBuilder:
        """Add units that are in."""
        return SegmentBuilder(msgspec.structs.replace(self.segment, included=(*self.segment.included, *keys)))

    def excluding(self, *keys: str | int) -> SegmentBuilder:
        """Add units that are out unless included."""
        return SegmentBuilder(msgspec.structs.replace(self.segment, excluded=(*self.segment.excluded, *keys)))

    def rule(self, *clauses: Clause) -> SegmentBuilder:
        """Add a rule: contexts for which all its clauses hold are in."""
        return SegmentBuilder(msgspec.structs.replace(self.segment, rules=(*self.segment.rules, clauses)))


def a_flag(key: str) -> FlagBuilder:
    """Start a boolean flag that is off, with variations ``on`` and ``off``, serving ``off``."""
    return FlagBuilder(
        Flag(
            key=key,
            variations={"on": True, "off": False},
            off_variation="off",
            fallthrough=Serve(variation="off"),
            type="boolean",
            salt=f"salt-of-{key}",
        )
    )


def a_segment(key: str) -> SegmentBuilder:
    """Start an empty segment."""
    return SegmentBuilder(Segment(key=key))


def a_group(key: str, salt: str = "group-salt") -> Group:
    """Return a group."""
    return Group(key=key, salt=salt)


def a_flagset(*parts: FlagBuilder | SegmentBuilder | Flag | Segment | Group) -> FlagSet:
    """Return a flag set of these flags, segments and groups, built or in the making."""
    built = [part.build() if isinstance(part, FlagBuilder | SegmentBuilder) else part for part in parts]
    return FlagSet(
        flags={part.key: part for part in built if isinstance(part, Flag)},
        segments={part.key: part for part in built if isinstance(part, Segment)},
        groups={part.key: part for part in built if isinstance(part, Group)},
    )


def _type_of(value: JsonValue) -> str:
    names = {bool: "boolean", str: "string", int: "integer", float: "float"}
    return names.get(type(value), "object")

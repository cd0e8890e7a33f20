"""The flag model as people write it: frozen structs whose JSON is the public format of flags, segments and groups."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Literal

import msgspec

FlagType = Literal["boolean", "string", "integer", "float", "object"]
Consistency = Literal["eventual", "strong"]
Algorithm = Literal["sha256", "launchdarkly", "growthbook", "unleash", "flagd", "mix"]
Scalar = bool | int | float | str
JsonValue = object

TARGETING_KEY = "targetingKey"


class Operator(StrEnum):
    """What a clause does with an attribute and its values."""

    IN = "in"
    CONTAINS = "contains"
    STARTS_WITH = "starts_with"
    ENDS_WITH = "ends_with"
    MATCHES = "matches"
    LT = "lt"
    LTE = "lte"
    GT = "gt"
    GTE = "gte"
    BEFORE = "before"
    AFTER = "after"
    SEMVER_EQ = "semver_eq"
    SEMVER_LT = "semver_lt"
    SEMVER_LTE = "semver_lte"
    SEMVER_GT = "semver_gt"
    SEMVER_GTE = "semver_gte"
    CIDR = "cidr"
    EXISTS = "exists"
    IN_SEGMENT = "in_segment"


class _Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Base of all parts of the public format: immutable, no unknown fields, defaults omitted."""


class Prerequisite(_Document, frozen=True):
    """Another flag that must be on and serve one of ``variations``."""

    flag: str
    variations: tuple[str, ...]


class Target(_Document, frozen=True):
    """Units that get ``variation`` whatever the rules say."""

    variation: str
    keys: tuple[str | int, ...] = ()


class Clause(_Document, frozen=True):
    """One condition on one attribute: true if any of ``values`` matches, then inverted by ``negate``."""

    op: Operator
    values: tuple[Scalar, ...]
    attribute: str = ""
    negate: bool = False


class Weight(_Document, frozen=True):
    """``weight`` of the 100,000 buckets serve ``variation``."""

    variation: str
    weight: int


class Rollout(_Document, frozen=True):
    """A draw by the unit that attribute ``by`` holds; ``salt``, when given, replaces the flag's."""

    weights: tuple[Weight, ...]
    by: str = TARGETING_KEY
    salt: str = ""
    algorithm: Algorithm = "sha256"


class Serve(_Document, frozen=True):
    """Either one ``variation`` or a ``rollout``; validation holds that it is exactly one."""

    variation: str | None = None
    rollout: Rollout | None = None


class Rule(_Document, frozen=True):
    """``serve`` for contexts of which every clause is true; an empty ``clauses`` matches all."""

    id: str
    clauses: tuple[Clause, ...]
    serve: Serve


class GroupClaim(_Document, frozen=True):
    """The half-open ``range`` of buckets of a group in which the flag is live."""

    key: str
    range: tuple[int, int]


class Flag(_Document, frozen=True, omit_defaults=False):
    """One feature flag; an empty ``type`` is inferred, an empty ``salt`` generated; ``version`` counts its writes."""

    key: str
    variations: Mapping[str, JsonValue]
    off_variation: str
    fallthrough: Serve
    type: FlagType | Literal[""] = ""
    on: bool = False
    salt: str = ""
    prerequisites: tuple[Prerequisite, ...] = ()
    targets: tuple[Target, ...] = ()
    rules: tuple[Rule, ...] = ()
    client_visible: bool = False
    consistency: Consistency = "eventual"
    sticky: bool = False
    group: GroupClaim | None = None
    description: str = ""
    tags: tuple[str, ...] = ()
    owner: str = ""
    temporary: bool = False
    archived: bool = False
    version: int = 0


class Segment(_Document, frozen=True, omit_defaults=False):
    """A named set of units: ``included`` wins over ``excluded``, both over ``rules`` (any whose clauses all hold)."""

    key: str
    included: tuple[str | int, ...] = ()
    excluded: tuple[str | int, ...] = ()
    rules: tuple[tuple[Clause, ...], ...] = ()
    description: str = ""
    version: int = 0


class Group(_Document, frozen=True, omit_defaults=False):
    """A space of 100,000 buckets in which flags claim disjoint ranges, so that no unit is in two of them."""

    key: str
    salt: str = ""
    description: str = ""
    version: int = 0


class FlagSet(msgspec.Struct, frozen=True):
    """All flags, segments and groups of one environment, by key."""

    flags: Mapping[str, Flag] = {}
    segments: Mapping[str, Segment] = {}
    groups: Mapping[str, Group] = {}


VERSION_DIGITS = 15
"""So many digits an epoch or a version has at most: JavaScript counts exactly that far."""

_VERSION_TEXT = re.compile(r"(?:([0-9]+)-)?([0-9]+)")


class SnapshotVersion(msgspec.Struct, frozen=True, order=True):
    """The order of snapshots: epoch first, then version; written ``epoch-version``."""

    epoch: int
    version: int

    def __str__(self) -> str:
        return f"{self.epoch}-{self.version}"

    @staticmethod
    def parse(text: str, epoch: int | None = None, *, most_digits: int = VERSION_DIGITS) -> "SnapshotVersion | None":
        """Return the version that a text names, None if it names none.

        The text is ``epoch-version``, or a version alone if its ``epoch`` is given. Neither number may have more than
        ``most_digits`` digits.
        """
        found = _VERSION_TEXT.fullmatch(text)
        if found is None or max(len(found[1] or ""), len(found[2])) > most_digits:
            return None
        if found[1] is not None:
            return SnapshotVersion(int(found[1]), int(found[2]))
        return None if epoch is None else SnapshotVersion(epoch, int(found[2]))

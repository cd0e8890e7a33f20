"""The common interface of flags, segments and groups: how each is read, checked and removed."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from flaghoist import validation
from flaghoist.model.flags import FlagSet
from flaghoist_origin.storage.database.records import Collection, Entity


class EntityRules(msgspec.Struct, frozen=True):
    """One collection: ``read`` takes a JSON tree, ``check`` an entity and its set; both raise InputError.

    ``refuse_removal`` raises Conflict naming the users of the key.
    """

    singular: str
    read: Callable[[object], Entity]
    check: Callable[[Any, FlagSet], None]
    refuse_removal: Callable[[str, FlagSet], None]


COLLECTIONS: Mapping[Collection, EntityRules] = {
    "flags": EntityRules("flag", validation.prepare_flag, validation.check_flag, validation.check_flag_unused),
    "segments": EntityRules(
        "segment", validation.prepare_segment, validation.check_segment, validation.check_segment_unused
    ),
    "groups": EntityRules("group", validation.prepare_group, validation.check_group, validation.check_group_unused),
}

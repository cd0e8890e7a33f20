"""The rules for everything that is written: read documents, check them alone and against all others.

Reading gives structs in their normal form, checking raises InputError with all faults and their paths.
"""

from flaghoist.validation.documents.reading import prepare_flag, prepare_group, prepare_segment, read_snapshot
from flaghoist.validation.parts.names import check_environment_name
from flaghoist.validation.sets.removal import check_flag_unused, check_group_unused, check_segment_unused
from flaghoist.validation.sets.whole import check_flag, check_group, check_segment, validate

__all__ = [
    "check_environment_name",
    "check_flag",
    "check_flag_unused",
    "check_group",
    "check_group_unused",
    "check_segment",
    "check_segment_unused",
    "prepare_flag",
    "prepare_group",
    "prepare_segment",
    "read_snapshot",
    "validate",
]

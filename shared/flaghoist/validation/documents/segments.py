"""The own rules of segments and groups."""

from flaghoist.limits import IDENTIFIER_CHARACTERS, RULES, TEXT_CHARACTERS
from flaghoist.model.flags import Group, Segment
from flaghoist.text.json_paths import element, member
from flaghoist.validation.documents.clauses import check_clauses
from flaghoist.validation.parts.faults import Faults
from flaghoist.validation.parts.lists import check_list
from flaghoist.validation.parts.names import check_key


def check_own_segment(segment: Segment, path: str, faults: Faults) -> None:
    """Record the faults of ``segment`` alone, whose document is at ``path``."""
    check_key(segment.key, member(path, "key"), faults)
    faults.check_limit(TEXT_CHARACTERS, len(segment.description), member(path, "description"))
    check_list(segment.included, member(path, "included"), faults)
    check_list(segment.excluded, member(path, "excluded"), faults)
    here = member(path, "rules")
    if faults.check_limit(RULES, len(segment.rules), here):
        for index, clauses in enumerate(segment.rules):
            check_clauses(clauses, element(here, index), faults)


def check_own_group(group: Group, path: str, faults: Faults) -> None:
    """Record the faults of ``group`` alone, whose document is at ``path``."""
    check_key(group.key, member(path, "key"), faults)
    faults.check_limit(IDENTIFIER_CHARACTERS, len(group.salt), member(path, "salt"))
    faults.check_limit(TEXT_CHARACTERS, len(group.description), member(path, "description"))

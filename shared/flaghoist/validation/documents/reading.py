"""Read documents: from decoded JSON to flags, segments and groups in their normal form.

Normal form: the type is filled in, integers of float flags are floats, units are strings and listed once. Nothing is
generated here: an empty salt stays empty.
"""

from collections.abc import Callable
from typing import TypeVar

import msgspec

from flaghoist.errors import InputError
from flaghoist.limits import FLAGS, GROUPS, SEGMENTS, Limit
from flaghoist.model.flags import Flag, FlagSet, Group, Operator, Segment, Target
from flaghoist.text import strict_json
from flaghoist.text.json_paths import ROOT, element, member
from flaghoist.validation.documents.flags import check_own
from flaghoist.validation.parts.faults import MOST_FAULTS, Faults
from flaghoist.validation.parts.lists import check_list, normalised
from flaghoist.validation.parts.names import choices
from flaghoist.validation.parts.values import check_values, settle_type

T = TypeVar("T")
E = TypeVar("E", Flag, Segment, Group)

IGNORED_MEMBERS = frozenset({"$schema", "environment", "epoch", "version"})
"""Members of a snapshot that are not part of the set: the editor's schema, and where the snapshot was read."""


def prepare_flag(document: object, path: str = ROOT) -> Flag:
    """Return the flag in the JSON ``document``, or raise InputError with paths below ``path``."""
    flag = _convert(document, Flag, path)
    faults = Faults()
    for index, target in enumerate(flag.targets):
        check_list(target.keys, f"{path}.targets[{index}].keys", faults)
    check_values(flag, path, faults)
    faults.raise_any()
    targets = tuple(Target(target.variation, normalised(target.keys)) for target in flag.targets)
    return msgspec.structs.replace(settle_type(flag), targets=targets)


def prepare_segment(document: object, path: str = ROOT) -> Segment:
    """Return the segment in the JSON ``document``, or raise InputError with paths below ``path``."""
    segment = _convert(document, Segment, path)
    faults = Faults()
    check_list(segment.included, member(path, "included"), faults)
    check_list(segment.excluded, member(path, "excluded"), faults)
    faults.raise_any()
    lists = {"included": normalised(segment.included), "excluded": normalised(segment.excluded)}
    return msgspec.structs.replace(segment, **lists)


def prepare_group(document: object, path: str = ROOT) -> Group:
    """Return the group in the JSON ``document``, or raise InputError with paths below ``path``."""
    return _convert(document, Group, path)


def read_snapshot(tree: object) -> FlagSet:
    """Return the flags, segments and groups of a snapshot's JSON, or raise InputError with all faults of reading it.

    Accepts the answer of GET: ``environment``, ``epoch``, ``version`` and ``$schema`` are ignored. Missing segments or
    groups are empty; ``flags`` is required, so that a wrong body does not empty an environment.
    """
    if not isinstance(tree, dict):
        raise InputError.at(ROOT, "a snapshot is an object with the lists flags, segments and groups")
    faults = Faults()
    for name in sorted(tree.keys() - IGNORED_MEMBERS - {"flags", "segments", "groups"})[:MOST_FAULTS]:
        faults.add_fault(member(ROOT, name), "a snapshot has no such member: it has flags, segments and groups")
    flags = _read_list(tree, "flags", FLAGS, prepare_flag, faults)
    segments = _read_list(tree, "segments", SEGMENTS, prepare_segment, faults)
    groups = _read_list(tree, "groups", GROUPS, prepare_group, faults)
    if "flags" not in tree:
        faults.add_fault(ROOT, "the member flags is missing: give a list, an empty one to remove all flags")
    _raise_any(faults, flags)
    return FlagSet(_by_key(flags), _by_key(segments), _by_key(groups))


def _raise_any(faults: Faults, flags: list[tuple[str, Flag]]) -> None:
    """Raise ``faults`` if there are any, together with the own faults of the flags that could be read."""
    if faults.is_empty:
        return
    for path, flag in flags:
        check_own(flag, path, faults)
    faults.raise_any()


def _by_key(listed: list[tuple[str, E]]) -> dict[str, E]:
    return {entity.key: entity for _, entity in listed}


def _read_list(
    tree: dict[str, object], name: str, limit: Limit, prepare: Callable[[object, str], E], faults: Faults
) -> list[tuple[str, E]]:
    """Return the entities of the list ``name``, each with its path; record in ``faults`` those that cannot be read."""
    path = member(ROOT, name)
    documents = tree.get(name, [])
    if not isinstance(documents, list):
        faults.add_fault(path, f"{name} is a list of objects")
        return []
    if not faults.check_limit(limit, len(documents), path):
        return []
    found: list[tuple[str, E]] = []
    for index, document in enumerate(documents):
        try:
            found.append((element(path, index), prepare(document, element(path, index))))
        except InputError as error:
            faults.add_error(error)
        if faults.is_full:
            break
    _check_keys_differ(found, faults)
    return found


def _check_keys_differ(listed: list[tuple[str, E]], faults: Faults) -> None:
    first: dict[str, str] = {}
    for path, entity in listed:
        if first.setdefault(entity.key, path) != path:
            detail = f"the key '{entity.key[:128]}' is that of {first[entity.key]} already: remove one of them"
            faults.add_fault(member(path, "key"), detail)


def _convert(document: object, type: type[T], path: str) -> T:
    """Return ``document`` as a ``type``; a fault about a fixed set of choices lists the choices."""
    try:
        return strict_json.to_struct(document, type, path)
    except InputError as error:
        fault = error.faults[0]
        if fault.path.endswith(".op") and fault.detail.startswith("Invalid enum"):
            raise InputError.at(fault.path, f"{fault.detail}: choose one of {choices(Operator)}") from None
        raise

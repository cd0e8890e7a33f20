"""JSON merge patch (RFC 7396): objects merge member by member, null removes, anything else replaces."""

from collections.abc import Mapping


def merge(target: object, patch: object) -> object:
    """Return ``target`` with ``patch`` applied; neither is changed."""
    if not isinstance(patch, Mapping):
        return patch
    merged = dict(target) if isinstance(target, Mapping) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge(merged.get(name), value)
    return merged

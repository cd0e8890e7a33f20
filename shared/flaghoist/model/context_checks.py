"""Check an evaluation context where it enters: its size, its depth, its attributes, and that it claims no edge."""

from flaghoist.errors import InputError, LimitExceeded
from flaghoist.limits import CONTEXT_ATTRIBUTES, CONTEXT_BYTES, CONTEXT_DEPTH
from flaghoist.model.context import EDGE, EDGE_PREFIX, Context

_NESTING = frozenset({dict, list})


def check_context_size(raw: bytes, path: str = "$") -> None:
    """Raise LimitExceeded (413) if ``raw``, the JSON text of the context at ``path``, is too long."""
    if len(raw) > CONTEXT_BYTES.value:
        raise LimitExceeded(CONTEXT_BYTES, len(raw), path, too_large=True)


def check_context(tree: object, path: str = "$.context") -> Context:
    """Return the decoded JSON ``tree`` as a context, or raise InputError naming the fault at ``path``.

    The context is level 1 of its depth, each object or array inside it adds one. Attributes are the members of all its
    objects, at every level.
    """
    if not isinstance(tree, dict):
        raise InputError.at(path, f"a context is a JSON object, here {_json_type(tree)}")
    if len(tree) <= CONTEXT_ATTRIBUTES.value and _NESTING.isdisjoint(map(type, tree.values())):
        return tree
    level: list[object] = [tree]
    attributes, depth = 0, 0
    while level:
        depth += 1
        attributes += sum(len(node) for node in level if isinstance(node, dict))
        if depth > CONTEXT_DEPTH.value:
            raise LimitExceeded(CONTEXT_DEPTH, depth, path)
        if attributes > CONTEXT_ATTRIBUTES.value:
            raise LimitExceeded(CONTEXT_ATTRIBUTES, attributes, path)
        level = [child for node in level for child in _children(node) if isinstance(child, dict | list)]
    return tree


def _children(node: object) -> list[object]:
    if isinstance(node, dict):
        return list(node.values())
    return node if isinstance(node, list) else []


def _json_type(tree: object) -> str:
    names = {list: "an array", str: "a string", bool: "a boolean", int: "a number", float: "a number"}
    return names.get(type(tree), "null")


def without_edge(context: Context) -> Context:
    """Return the context without ``edge`` and ``edge.*``: only the edge sets these."""
    if EDGE not in "\n".join(context):
        return context
    return {name: value for name, value in context.items() if name != EDGE and not name.startswith(EDGE_PREFIX)}

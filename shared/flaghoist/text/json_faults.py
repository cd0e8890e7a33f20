"""Find what strict JSON rejects in a tree that a lenient parser accepts, with the path to it.

A plain tree cannot show some faults (a duplicate member, NaN, an integer with too many digits to convert). The parser
leaves a marker for each; the walk afterwards finds markers and bad values in document order.
"""

import json
import math
from collections.abc import Callable

from flaghoist.errors import InputError, LimitExceeded
from flaghoist.limits import INTEGER
from flaghoist.text import json_paths as paths

Trail = tuple["Trail", str | int] | None
"""The path of a node from its end: the parent's trail and the last step; formatted only for a fault."""

_LARGEST_REPORTED = 2**63 - 1
_CONVERTIBLE_DIGITS = 32


class _Duplicated(dict[str, object]):
    """An object of which the member ``name`` came twice."""

    def __init__(self, members: dict[str, object], name: str) -> None:
        super().__init__(members)
        self.name = name


class _Constant:
    """One of NaN, Infinity and -Infinity, by ``name``."""

    def __init__(self, name: str) -> None:
        self.name = name


class JsonReading:
    """One parse; ``has_fault`` tells whether the tree contains a marker."""

    def __init__(self) -> None:
        self.has_fault = False

    def parse(self, text: str) -> object:
        """Return the tree of ``text``; raises JSONDecodeError if it is malformed."""
        try:
            return self._load(text)
        except json.JSONDecodeError:
            raise
        except ValueError:  # an integer of more digits than the interpreter converts
            return self._load(text, self._integer)

    def _load(self, text: str, parse_int: Callable[[str], int] | None = None) -> object:
        tree: object = json.loads(
            text, object_pairs_hook=self._object, parse_constant=self._constant, parse_int=parse_int
        )
        return tree

    def _object(self, pairs: list[tuple[str, object]]) -> dict[str, object]:
        members = dict(pairs)
        if len(members) == len(pairs):
            return members
        self.has_fault = True
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                return _Duplicated(members, name)
            seen.add(name)
        return members

    def _constant(self, name: str) -> _Constant:
        self.has_fault = True
        return _Constant(name)

    def _integer(self, digits: str) -> int:
        if len(digits) < _CONVERTIBLE_DIGITS:
            return int(digits)
        self.has_fault = True
        return -_LARGEST_REPORTED if digits.startswith("-") else _LARGEST_REPORTED


def refuse_any(tree: object, path: str = paths.ROOT) -> None:
    """Raise InputError for the first fault of ``tree``, which is at ``path``; return if there is none."""
    pending: list[tuple[Trail, object]] = [(None, tree)]
    while pending:
        trail, node = pending.pop()
        if isinstance(node, dict):
            _check_names(node, path, trail)
            pending.extend([((trail, name), child) for name, child in reversed(node.items())])
        elif isinstance(node, list):
            pending.extend([((trail, index), node[index]) for index in range(len(node) - 1, -1, -1)])
        elif isinstance(node, int):
            _check_integer(node, path, trail)
        else:
            detail = leaf_fault(node)
            if detail is not None:
                raise InputError.at(_path(path, trail), detail)


def leaf_fault(node: object) -> str | None:
    """Return the fault of a string, number or constant, None if there is none."""
    match node:
        case str():
            return text_fault(node)
        case float() if not math.isfinite(node):
            return "the number is too large for a double"
        case _Constant():
            return f"{node.name} is not JSON: leave the member out or use null"
        case _:
            return None


def text_fault(text: str) -> str | None:
    """Return the fault of a JSON string, None if there is none."""
    if "\0" in text:
        return "a string holds the character NUL: remove it"
    if not text.isascii() and not _is_encodable(text):
        return "a string holds half of a surrogate pair: write the character itself, or both halves"
    return None


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _check_names(node: dict[str, object], path: str, trail: Trail) -> None:
    if isinstance(node, _Duplicated):
        raise InputError.at(_path(path, (trail, node.name)), "the member comes twice: keep one of them")
    for name in node:
        detail = text_fault(name)
        if detail is not None:
            raise InputError.at(_path(path, trail), f"a member name is refused: {detail}")


def _check_integer(number: int, path: str, trail: Trail) -> None:
    if abs(number) > INTEGER.value:
        shown = max(-_LARGEST_REPORTED, min(number, _LARGEST_REPORTED))
        raise LimitExceeded(INTEGER, shown, _path(path, trail))


def _path(root: str, trail: Trail) -> str:
    steps: list[str | int] = []
    while trail is not None:
        trail, step = trail
        steps.append(step)
    path = root
    for step in reversed(steps):
        path = paths.member(path, step) if isinstance(step, str) else paths.element(path, step)
    return path

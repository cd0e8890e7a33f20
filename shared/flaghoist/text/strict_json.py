"""Read JSON strictly: every input is one tree of plain values, or an error with the path and the reason.

Rejected beyond malformed JSON: duplicate members, NaN and infinities, numbers that overflow, integers that JavaScript
clients cannot represent, NUL and lone surrogates, and documents that are too long or too deep. Valid input takes a fast
path. A short, plain document, such as any context, is parsed by msgspec; any other by the standard library between two
cheap scans. The tree is walked only if a possible fault was seen.
"""

import json
import re
from collections.abc import Iterable
from typing import NoReturn, TypeVar

import msgspec

from flaghoist.errors import InputError, LimitExceeded
from flaghoist.limits import JSON_DEPTH, Limit
from flaghoist.text import json_depth, json_faults
from flaghoist.text.json_paths import ROOT

T = TypeVar("T")

_SUSPICIOUS = re.compile(rb"[0-9]{16}|\\u(?:0000|[dD][89a-fA-F])|[0-9][eE]\+?[0-9]{3}")
_SPACE = " \t\r\n"
_LONG_NUMBER = b"0" * 16
_ALIKE = {**dict.fromkeys(b"123456789", ord("0")), **dict.fromkeys(b"\t\n\r", ord(" ")), ord("["): ord("{")}
_KINDS = bytes(_ALIKE.get(byte, byte) for byte in range(256))
"""Maps digits to one of them, white space to one, and opening brackets to one."""

_PLAIN_BYTES = 32 * 1024
_PLAIN_BRACKETS = 32
_NOT_PLAIN = object()
_NESTING = frozenset({dict, list})
_plain = msgspec.json.Decoder().decode
_AT = re.compile(r"(?P<detail>.*) - at `(?:[^`]*` in `)?\$(?P<rest>.*)`", re.DOTALL)


def decode(data: bytes, *, max_bytes: Limit, max_depth: Limit = JSON_DEPTH) -> object:
    """Return the JSON document ``data`` as dicts, lists, strings, numbers, booleans and None.

    Raises InputError with the path to the first fault, LimitExceeded if that is a limit.
    """
    if len(data) > max_bytes.value:
        raise LimitExceeded(max_bytes, len(data), too_large=True)
    plain = _decode_plain(data) if len(data) <= _PLAIN_BYTES else _NOT_PLAIN
    if plain is not _NOT_PLAIN:
        return plain
    text = _text(data)
    json_depth.check(data, max_depth)
    reading = json_faults.JsonReading()
    try:
        tree: object = reading.parse(text)
    except json.JSONDecodeError as error:
        _refuse_malformed(text, error.pos)
    if reading.has_fault or _SUSPICIOUS.search(data):
        json_faults.refuse_any(tree)
    return tree


def _decode_plain(data: bytes) -> object:
    """Return a document that is short, valid and plain; `_NOT_PLAIN` for any other, valid or not.

    Plain means: no long numbers; no escapes, so that every quote begins or ends a string; and colons next to the names,
    so that names can be counted. If there are as many names as members, no member is duplicated.
    """
    kinds = data.translate(_KINDS)
    if b"\\" in data or b" :" in kinds or _LONG_NUMBER in kinds or kinds.count(b"{") > _PLAIN_BRACKETS:
        return _NOT_PLAIN
    try:
        tree = _plain(data)
    except ValueError:
        return _NOT_PLAIN
    return tree if _members(tree) == data.count(b'":') else _NOT_PLAIN


def _members(tree: object) -> int:
    """Return the number of members of all objects of a shallow tree."""
    children: Iterable[object] = ()
    count = 0
    if isinstance(tree, dict):
        count, children = len(tree), tree.values()
    elif isinstance(tree, list):
        children = tree
    for child in children:
        if type(child) in _NESTING:
            count += _members(child)
    return count


def to_struct(tree: object, type: type[T], path: str = ROOT) -> T:
    """Return the decoded JSON ``tree`` as a ``type``, or raise InputError with the path below ``path``."""
    try:
        return msgspec.convert(tree, type)
    except msgspec.ValidationError as error:
        found = _AT.fullmatch(str(error))
        detail, rest = (found["detail"], found["rest"]) if found else (str(error), "")
        raise InputError.at(path + rest, detail) from None


def encode(value: object) -> bytes:
    """Return ``value``, of structs and plain values, as compact JSON."""
    return msgspec.json.encode(value)


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise InputError.at(ROOT, f"the body is not UTF-8: {error.reason} at byte {error.start}") from None


def _refuse_malformed(text: str, position: int) -> NoReturn:
    """Report a malformed document in our own words: the parsers at origin and edge report it differently."""
    comma = _trailing_comma(text, position)
    if comma is not None:
        position, fault = comma, "a comma that nothing follows"
    elif position >= len(text):
        fault = "the document ends too early"
    else:
        fault = "a syntax error"
    line = text.count("\n", 0, position) + 1
    column = position - text.rfind("\n", 0, position)
    raise InputError.at(ROOT, f"not JSON: {fault} at line {line}, column {column}") from None


def _trailing_comma(text: str, position: int) -> int | None:
    """Return the position of a trailing comma, if that is the fault; parsers stop there, or at the bracket after it."""
    bracket = position + 1 if text[position : position + 1] == "," else position
    bracket += len(text[bracket:]) - len(text[bracket:].lstrip(_SPACE))
    before = text[:bracket].rstrip(_SPACE)
    closes = text[bracket : bracket + 1] in ("]", "}")
    return len(before) - 1 if closes and before.endswith(",") else None

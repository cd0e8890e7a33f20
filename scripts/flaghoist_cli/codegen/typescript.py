"""Typed accessors in TypeScript: the types of all flags, and OpenFeature's own client narrowed to them."""

import json
from collections.abc import Iterator, Mapping, Sequence

from flaghoist.model.flags import FlagType, JsonValue
from flaghoist_cli.codegen.flags import TypedFlag
from flaghoist_cli.codegen.page_global import PAGE_GLOBAL
from flaghoist_cli.codegen.prose import for_comment
from flaghoist_cli.codegen.shapes import Scalar, Shape

Group = tuple[str, tuple[FlagType, ...]]

_HEADER = """\
// Feature flags as types over the OpenFeature SDK, web and React.
// Made by `flaghoist types --language typescript`: change the flags and run it again, not this file.
/* eslint-disable */

import type {
  Client,
  EvaluationContext,
  EvaluationDetails,
  FlagEvaluationOptions,
  Hook,
  JsonValue,
} from "@openfeature/web-sdk";

/** Any other value, so that an editor proposes those that are known: flags change while your code does not. */
export type Other<T> = T & Record<never, never>;

/** What an object may hold anywhere. */
export type Json = JsonValue;

"""
_CLIENT = """\
/** How flags are asked for: only with keys of the right type, and defaults that the flag could have. */
export interface Evaluations {
  getBooleanValue(flagKey: BooleanKey, defaultValue: boolean, options?: FlagEvaluationOptions): boolean;
  getBooleanDetails(
    flagKey: BooleanKey,
    defaultValue: boolean,
    options?: FlagEvaluationOptions,
  ): EvaluationDetails<boolean>;
  getStringValue<K extends StringKey>(
    flagKey: K,
    defaultValue: FlagValues[K],
    options?: FlagEvaluationOptions,
  ): FlagValues[K];
  getStringDetails<K extends StringKey>(
    flagKey: K,
    defaultValue: FlagValues[K],
    options?: FlagEvaluationOptions,
  ): EvaluationDetails<FlagValues[K]>;
  getNumberValue<K extends NumberKey>(
    flagKey: K,
    defaultValue: FlagValues[K],
    options?: FlagEvaluationOptions,
  ): FlagValues[K];
  getNumberDetails<K extends NumberKey>(
    flagKey: K,
    defaultValue: FlagValues[K],
    options?: FlagEvaluationOptions,
  ): EvaluationDetails<FlagValues[K]>;
  getObjectValue<K extends ObjectKey>(
    flagKey: K,
    defaultValue: FlagValues[K],
    options?: FlagEvaluationOptions,
  ): FlagValues[K];
  getObjectDetails<K extends ObjectKey>(
    flagKey: K,
    defaultValue: FlagValues[K],
    options?: FlagEvaluationOptions,
  ): EvaluationDetails<FlagValues[K]>;
}

/** OpenFeature's client, asked as `Evaluations` allows. */
export type FlagClient = Omit<Client, keyof Evaluations> & Evaluations;

/** Return `client` itself, narrowed; what it does stays the same. */
export function typed(client: Client): FlagClient {
  return client as unknown as FlagClient;
}
"""
_AUGMENTATION = """\

// OpenFeature's own clients and React hooks, narrowed to these keys in the whole program. It is meant to be
// declared like this; compilers take the names for duplicates all the same, hence the comments.
declare module "@openfeature/core" {
  // @ts-ignore
  export type BooleanFlagKey = BooleanKey;
  // @ts-ignore
  export type StringFlagKey = StringKey;
  // @ts-ignore
  export type NumberFlagKey = NumberKey;
  // @ts-ignore
  export type ObjectFlagKey = ObjectKey;
}
"""
_GROUPS: tuple[Group, ...] = (
    ("BooleanKey", ("boolean",)),
    ("StringKey", ("string",)),
    ("NumberKey", ("integer", "float")),
    ("ObjectKey", ("object",)),
)
_TYPES: Mapping[FlagType, str] = {"boolean": "boolean", "string": "string", "integer": "number", "float": "number"}
_SCALARS: Mapping[Scalar, str] = {
    "boolean": "boolean",
    "integer": "number",
    "float": "number",
    "string": "string",
    "null": "null",
}
_UNKNOWN = "Json"
_INDENT = "  "


def render_typescript(flags: Sequence[TypedFlag], *, augments: bool = False) -> str:
    """Return the module for ``flags``; it imports types alone, and has no code but constants and the identity.

    With ``augments`` it narrows every client and hook of OpenFeature in the program that it is part of.
    """
    parts = [
        _HEADER,
        "/** The value of each flag, by key. */\nexport interface FlagValues {\n",
        *(f"{_INDENT}/** {_said(flag)} */\n{_INDENT}{json.dumps(flag.key)}: {_type_of(flag)};\n" for flag in flags),
        "}\n\n",
        "export type FlagKey = keyof FlagValues;\n",
        *_keys(flags),
        "\n/** What each flag serves while it is off: a good default. */\n",
        "export const OFF: Readonly<FlagValues> = {\n",
        *(f"{_INDENT}{_name(flag.key)}: {_literal(flag.off)},\n" for flag in flags),
        "};\n\n",
        _CLIENT,
        PAGE_GLOBAL,
    ]
    return "".join([*parts, _AUGMENTATION] if augments else parts)


def _keys(flags: Sequence[TypedFlag]) -> Iterator[str]:
    for name, types in _GROUPS:
        keys = [json.dumps(flag.key) for flag in flags if flag.type in types]
        yield f"export type {name} = {' | '.join(keys) or 'never'};\n"


def _said(flag: TypedFlag) -> str:
    about = f": {flag.description}" if flag.description else ""
    return for_comment(f"`{flag.key}`, {flag.type}{about}")


def _type_of(flag: TypedFlag) -> str:
    if flag.type == "object":
        return _text(flag.shape, _INDENT)
    kind = _TYPES[flag.type]
    return " | ".join([*map(_literal, flag.listed), f"Other<{kind}>"]) if flag.listed else kind


def _text(shape: Shape, indent: str) -> str:
    """Return the type of a ``shape``; a union if several types occur in one place."""
    parts = sorted({_SCALARS[kind] for kind in shape.scalars - {"null"}})
    if shape.items is not None:
        parts.append(f"Array<{_text(shape.items, indent)}>")
    if shape.members is not None:
        parts.append(_members(shape, indent) if shape.members else f"{{ [name: string]: {_UNKNOWN} }}")
    parts += ["null"] if "null" in shape.scalars else []
    return " | ".join(parts) or _UNKNOWN


def _members(shape: Shape, indent: str) -> str:
    inner = indent + _INDENT
    lines = (
        f"{inner}{json.dumps(name)}{'' if member.is_required else '?'}: {_text(member.shape, inner)};"
        for name, member in (shape.members or {}).items()
    )
    return "\n".join(["{", *lines, f"{indent}}}"])


def _literal(value: JsonValue) -> str:
    """Return a value as a JavaScript expression, in ASCII."""
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{_name(name)}: {_literal(child)}' for name, child in value.items())} }}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_literal, value))}]"
    return json.dumps(value)


def _name(name: str) -> str:
    """Return a member's name; in brackets if JavaScript would otherwise set the object's prototype."""
    return '["__proto__"]' if name == "__proto__" else json.dumps(name)

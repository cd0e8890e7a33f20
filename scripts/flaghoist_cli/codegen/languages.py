"""The languages of accessors: how each is rendered, and which flags it includes by default."""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

import msgspec

from flaghoist.model.flags import FlagSet
from flaghoist_cli.codegen.flags import Scope, TypedFlag, typed_flags
from flaghoist_cli.codegen.names import Names
from flaghoist_cli.codegen.python import names_of, render_python
from flaghoist_cli.codegen.typescript import render_typescript

Language = Literal["python", "typescript"]


class _Form(msgspec.Struct, frozen=True):
    """How a language's module is made; ``scope`` follows from where such code runs: pages see what client keys see."""

    scope: Scope
    render: Callable[[Sequence[TypedFlag], bool], str]
    names: Callable[[Sequence[TypedFlag]], Names]


class AccessorModule(msgspec.Struct, frozen=True):
    """Generated code for some flags, and the keys whose names clashed: each group with the names it got instead."""

    code: str
    flags: int
    clashes: tuple[Mapping[str, str], ...] = ()


def _no_names(_: Sequence[TypedFlag]) -> Names:
    return Names({})


_FORMS: Mapping[Language, _Form] = {
    "python": _Form("server", lambda flags, _: render_python(flags), names_of),
    "typescript": _Form("client", lambda flags, augments: render_typescript(flags, augments=augments), _no_names),
}


def make_module(
    flagset: FlagSet, language: Language, scope: Scope | None = None, *, augments: bool = False
) -> AccessorModule:
    """Return the module of a valid flag set; the same flags give the same bytes.

    ``scope`` None is the language's own; ``augments`` narrows OpenFeature's types globally (TypeScript alone).
    """
    form = _FORMS[language]
    flags = typed_flags(flagset, scope or form.scope)
    names = form.names(flags)
    clashes = tuple({key: names.of[key] for key in group} for group in names.clashes)
    return AccessorModule(form.render(flags, augments), len(flags), clashes)

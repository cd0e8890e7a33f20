"""One name, one meaning: class names are unique, and words that say nothing are not used."""

import ast
import re
from collections import defaultdict

import pytest

from tests.architecture.modules import SourceModule, identify, modules

BANNED_FILES = re.compile(r"(^|_)(utils?|helpers?|common|misc|managers?)(_|$)")
GONE = re.compile(r"(^|_)(believ\w*|vouch\w*|standings?|stood|told|heed\w*|obey|doubt|ladder|keeper|hearing)(_|$)")
"""Words of our own that gave way to the field's: docs/glossary.md has these."""

SHARED_NAMES = {"Default": "Cloudflare's runtime finds a Worker's entry by this name"}


def test_class__name__has_one_meaning_in_the_whole_tree() -> None:
    homes = defaultdict(list)
    for module in modules().values():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes[node.name].append(module.name)
    twice = {name: places for name, places in homes.items() if len(places) > 1 and name not in SHARED_NAMES}
    assert not twice


@pytest.mark.parametrize("module", modules().values(), ids=identify)
def test_module__name__says_something(module: SourceModule) -> None:
    assert not BANNED_FILES.search(module.path.stem)


def identifiers(tree: ast.Module) -> set[str]:
    """Return the names that a module defines: classes, functions, parameters and variables."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            names.add(node.name)
        elif isinstance(node, ast.arg):
            names.add(node.arg)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
    return names


def in_snake_case(name: str) -> str:
    """Return a class name as the words of a function's."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


@pytest.mark.parametrize("module", modules().values(), ids=identify)
def test_module__names__are_words_of_the_field(module: SourceModule) -> None:
    gone = [name for name in identifiers(module.tree) if GONE.search(in_snake_case(name))]
    assert not gone

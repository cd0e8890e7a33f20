"""One name, one meaning: class names are unique, and words that say nothing are not used."""

import ast
import re
from collections import defaultdict

import pytest

from tests.architecture.modules import SourceModule, identify, modules

BANNED_FILES = re.compile(r"(^|_)(utils?|helpers?|common|misc|managers?)(_|$)")
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

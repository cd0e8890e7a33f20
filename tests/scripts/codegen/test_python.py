"""Generated Python: it does what OpenFeature does, type checkers hold its promises, and texts stay texts."""

import ast
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openfeature import api
from openfeature.provider.in_memory_provider import InMemoryFlag, InMemoryProvider

from flaghoist.model.flags import FlagSet
from flaghoist_cli.codegen.languages import make_module
from tests.builders import a_flag, a_flagset
from tests.project import ROOT
from tests.scripts.flags_to_type import HOSTILE, every_type, of_hostile_texts

CACHE = ROOT / ".mypy_cache" / "accessors"

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)

USE = """\
from openfeature import api
from openfeature.evaluation_context import EvaluationContext

from flags import AsyncFlags, Flags, HomePageHeroValue, HomePageValue

flags = Flags(api.get_client())
context = EvaluationContext("ada")
one: bool = flags.new_checkout(context)
two: str = flags.search_ranking(context, default="vector")
three: int = flags.page_size()
four: float = flags.price_factor(default=1)
page: HomePageValue = flags.home_page(context)
hero: HomePageHeroValue = page["hero"]
title: str = hero["title"]
columns: float = page["columns"]
parts: list[str] = page["parts"]


async def awaited() -> str:
    tip = (await AsyncFlags(api.get_client()).home_page(context))["tip"]
    return tip["text"] if tip else ""


flags.new_checkout(context, default="on")  # type: ignore[arg-type]
flags.page_size(default=0.5)  # type: ignore[arg-type]
flags.search_ranking("ada")  # type: ignore[arg-type]
flags.old()  # type: ignore[attr-defined]
wrong: int = flags.search_ranking()  # type: ignore[assignment]
page["colums"]  # type: ignore[typeddict-item]
"""


@pytest.fixture
def client_of() -> Iterator[Any]:
    """Give a function that returns a client of a provider that serves these values."""

    def of(values: Mapping[str, Any]) -> Any:
        flags = {key: InMemoryFlag("v", {"v": value}) for key, value in values.items()}
        api.set_provider(InMemoryProvider(flags), "accessors")
        return api.get_client("accessors")

    yield of
    api.clear_providers()


def module_of(flagset: FlagSet) -> Any:
    """Run the generated module and return it."""
    code = make_module(flagset, "python").code
    module = ModuleType("flags")
    exec(compile(code, "flags.py", "exec"), module.__dict__)
    return module


def test_functions__flags_of_every_type__give_what_the_provider_serves(client_of: Any) -> None:
    page = {"columns": 2, "hero": {"title": "Sea"}, "parts": [], "tip": None}
    values = {"new-checkout": True, "search-ranking": "vector", "page-size": 50, "price-factor": 0.5, "home-page": page}
    flags = module_of(every_type()).Flags(client_of(values))
    found = (
        flags.new_checkout(), flags.search_ranking(), flags.page_size(), flags.price_factor(), flags.home_page()
    )  # fmt: skip
    assert found == (True, "vector", 50, 0.5, page)


@pytest.mark.anyio
async def test_functions__awaited__give_the_same(client_of: Any) -> None:
    flags = module_of(every_type()).AsyncFlags(client_of({"new-checkout": True, "home-page": {"columns": 2}}))
    assert await flags.new_checkout() is True
    assert await flags.home_page() == {"columns": 2}


def test_functions__nothing_can_be_evaluated__give_the_off_value_or_what_is_said(client_of: Any) -> None:
    flags = module_of(every_type()).Flags(client_of({}))
    plain = every_type().flags["home-page"].variations["plain"]
    assert (flags.new_checkout(), flags.page_size(), flags.fraud_check()) == (False, 10, "strict")
    assert (flags.new_checkout(default=True), flags.page_size(default=5)) == (True, 5)
    assert flags.home_page() == plain
    assert flags.home_page() is not flags.home_page(), "whoever changes a default must not change it for others"


def test_module__archived_flag__has_no_function() -> None:
    assert "old" not in dir(module_of(every_type()).Flags)


def test_module__same_flags_in_another_order__same_bytes() -> None:
    flags = every_type()
    turned = FlagSet(flags=dict(reversed(list(flags.flags.items()))))
    assert make_module(flags, "python") == make_module(turned, "python")


def test_module__no_flags__is_a_module_all_the_same() -> None:
    assert module_of(FlagSet()).Flags(None)


def test_module__clashing_keys__are_named_with_what_they_are_called() -> None:
    made = make_module(a_flagset(a_flag("a-b"), a_flag("a.b"), a_flag("c")), "python")
    [group] = made.clashes
    assert set(group) == {"a-b", "a.b"}
    assert all(f"def {name}(" in made.code for name in group.values())


def test_module__hostile_texts__are_texts(client_of: Any) -> None:
    """A module is what its syntax tree says: imports, types and two classes, and every text is a constant in it."""
    flagset = of_hostile_texts()
    code = make_module(flagset, "python").code
    tree = ast.parse(code)
    kinds = {type(node) for node in tree.body}
    assert kinds == {ast.Expr, ast.ImportFrom, ast.Assign, ast.ClassDef}
    assert sum(isinstance(node, ast.Expr) for node in tree.body) == 1
    assert {type(node) for each in tree.body if isinstance(each, ast.ClassDef) for node in each.body} == {
        ast.Expr, ast.FunctionDef, ast.AsyncFunctionDef
    }  # fmt: skip
    flags = module_of(flagset).Flags(client_of({}))
    assert [getattr(flags, f"text_{number}")() for number in range(len(HOSTILE))] == list(HOSTILE)
    assert all(text in getattr(flags, f"object_{number}")() for number, text in enumerate(HOSTILE))


@given(
    TEXTS, TEXTS, st.dictionaries(TEXTS, TEXTS | st.lists(TEXTS | st.integers() | st.none(), max_size=2), max_size=3)
)
@settings(max_examples=100)
def test_module__any_texts__come_back_as_they_were(description: str, text: str, members: dict[str, object]) -> None:
    flagset = a_flagset(
        a_flag("a").described(description=description).variations("off", off=text, on=description),
        a_flag("b").described(description=text).variations("off", off=members, on={}),
    )
    flags = module_of(flagset).Flags(api.get_client("nobody"))
    assert (flags.a(), flags.b()) == (text, members)


def test_mypy__strict__takes_right_uses_and_refuses_wrong_ones(tmp_path: Path) -> None:
    """An ignore that is not needed is an error, so each wrong use is held to be refused, for the reason named."""
    (tmp_path / "flags.py").write_text(make_module(every_type(), "python").code)
    (tmp_path / "hostile.py").write_text(make_module(of_hostile_texts(), "python").code)
    (tmp_path / "use.py").write_text(USE)
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--cache-dir", str(CACHE), "use.py", "hostile.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.startswith("Success"), done.stdout + done.stderr

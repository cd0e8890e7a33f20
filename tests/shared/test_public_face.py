"""What `flaghoist` gives to those who install it: its names, its types, and no import that they do not need."""

import re
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest

import flaghoist
from tests.project import ROOT

PUBLIC = {
    "Fault",
    "FlaghoistError",
    "FlaghoistProvider",
    "InputError",
    "KeyRefused",
    "Level",
    "LimitExceeded",
    "Options",
    "PageFlags",
    "PageOptions",
    "State",
    "__version__",
    "head_html",
}
EXAMPLE = re.compile(r"```python\n(.*?)```", re.DOTALL)


def imported_by(code: str) -> set[str]:
    """Return the packages that are loaded after a program's code, by a fresh interpreter."""
    program = f"{code}\nimport sys\nsys.stdout.write(' '.join(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    return set(loaded.split())


def test_public_names__are_these() -> None:
    assert set(flaghoist.__all__) == PUBLIC
    assert set(dir(flaghoist)) >= PUBLIC


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_public_name__can_be_imported(name: str) -> None:
    assert getattr(flaghoist, name) is not None


def test_name__that_is_not_public__is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="'flaghoist' has no attribute 'Nothing'"):
        getattr(flaghoist, "Nothing")  # noqa: B009 (a type checker may believe that there is such a name)


def test_import__of_the_package__loads_no_library() -> None:
    assert imported_by("import flaghoist").isdisjoint({"httpx", "openfeature", "msgspec", "asyncio"})


def test_import__of_the_provider__loads_only_what_evaluation_needs() -> None:
    loaded = imported_by("from flaghoist import FlaghoistProvider, Options")
    assert {"openfeature", "flaghoist.engine.engine"} <= loaded
    unneeded = {"httpx", "httpx_sse", "asyncio", "sqlalchemy", "starlette", "flaghoist.validation", "flaghoist.answers"}
    assert loaded.isdisjoint(unneeded)


def test_package__says_that_it_is_typed() -> None:
    assert files(flaghoist).joinpath("py.typed").is_file()


def test_documented_example__outside_the_checkout__is_strictly_typed(tmp_path: Path) -> None:
    example = tmp_path / "example.py"
    example.write_text("".join(EXAMPLE.findall((ROOT / "docs" / "sdk-python.md").read_text())))
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "cache"), str(example)]
    checked = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout

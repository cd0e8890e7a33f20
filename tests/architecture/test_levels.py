"""One way down: floors of folders, no circles, short chains, few loose modules. The floors are in ``levels.toml``."""

import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.modules import ROOMS, SourceModule, chain_from, identify, imports_of, modules

MOST_LOOSE_MODULES = 12
LONGEST_CHAIN = 15

DOCUMENT = tomllib.loads((Path(__file__).parent / "levels.toml").read_text())


def floors() -> dict[str, int]:
    """Return the floor of every folder by its dotted name, counted from the ground."""
    return {
        f"{room}.{folder}" if folder else room: number
        for room, content in DOCUMENT.items()
        for number, level in enumerate(content["floors"])
        for folder in level
    }


FLOORS = floors()
FOLDERS = sorted({module.folder for module in modules().values()})


def crossings(module: SourceModule) -> Iterator[tuple[str, str]]:
    """Yield imports of other folders of the same room; a face may hand on what lies in its own folder."""
    for name in imports_of(module.name):
        other = modules()[name]
        hands_on = module.is_face and other.folder.startswith(f"{module.folder}.")
        if other.room == module.room and other.folder != module.folder and not hands_on:
            yield name, other.folder


def test_levels__rooms__are_those_of_the_code() -> None:
    assert DOCUMENT.keys() == ROOMS.keys()


@pytest.mark.parametrize("folder", FOLDERS)
def test_folder__has_one_floor(folder: str) -> None:
    assert folder in FLOORS, f"{folder} has no floor: give it one in tests/architecture/levels.toml"


def test_levels__folders__all_exist() -> None:
    assert FLOORS.keys() <= set(FOLDERS)


@pytest.mark.parametrize("module", modules().values(), ids=identify)
def test_module__imports__lower_floors_alone(module: SourceModule) -> None:
    upward = [name for name, folder in crossings(module) if FLOORS[folder] >= FLOORS[module.folder]]
    assert not upward, f"{module.name} imports from its own floor or above: {', '.join(upward)}"


@pytest.mark.parametrize("module", modules().values(), ids=identify)
def test_module__never_reaches_itself(module: SourceModule) -> None:
    seen, waiting = set[str](), list(imports_of(module.name))
    while waiting:
        name = waiting.pop()
        assert name != module.name, f"{module.name} is part of a circle of imports"
        if name not in seen:
            seen.add(name)
            waiting.extend(imports_of(name))


@pytest.mark.parametrize("room", ROOMS)
def test_room__longest_chain_of_imports__is_short(room: str) -> None:
    longest = max((chain_from(name) for name, module in modules().items() if module.room == room), key=len)
    assert len(longest) <= LONGEST_CHAIN, " > ".join(longest)


@pytest.mark.parametrize("folder", FOLDERS)
def test_folder__loose_modules__are_few(folder: str) -> None:
    loose = Counter(module.folder for module in modules().values() if not module.is_face)
    assert loose[folder] <= MOST_LOOSE_MODULES, f"{folder} has {loose[folder]} loose modules: give some a folder"

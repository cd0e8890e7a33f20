"""The file that keeps the last snapshot: private, whole or not there, checked before it is believed."""

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given, settings

from flaghoist.errors import SnapshotCorrupt, SnapshotFormatError
from flaghoist.sdk.snapshot.snapshot import whole_steps
from flaghoist.sdk.store import cache_file
from flaghoist.snapshot.sealing import Sealer
from flaghoist.steps import complete
from tests.builders import a_clause, a_flag, a_group, a_segment
from tests.in_worker.cases_worker import read_flagset
from tests.published import ENVIRONMENT
from tests.shared.agreement import answers, assert_same
from tests.shared.sdk.making import SEALER, a_release, a_snapshot, applied, whole
from tests.strategies import World, worlds

DATA = complete(cache_file.encode_steps(a_snapshot(a_release(1), version="2-7"), SEALER))


@settings(max_examples=100)
@given(world=worlds())
def test_file__any_world__evaluates_as_before(world: World) -> None:
    snapshot = applied(whole(read_flagset(world.flagset), "3-9"))
    kept = cache_file.decode(complete(cache_file.encode_steps(snapshot, SEALER)), ENVIRONMENT, SEALER)
    again = complete(whole_steps(kept.environment, kept.version, kept.parts, SEALER))
    assert again.manifest == snapshot.manifest
    for context in world.contexts:
        wanted = answers(snapshot.engine.evaluate_all(context, client_only=False))
        assert_same(answers(again.engine.evaluate_all(context, client_only=False)), wanted, world, context)


def test_file__named_users__are_not_in_it() -> None:
    flag = a_flag("beta").on().target("on", "ada@example.com").rule("r", USER, serve="on").in_group("g", 0, 1)
    segment = a_segment("team").including("ada@example.com")
    data = complete(cache_file.encode_steps(a_snapshot(flag, segment, a_group("g")), SEALER))
    assert b"ada" not in data


USER = a_clause("targetingKey", "in", "ada@example.com")


@pytest.mark.parametrize("place", [0, 25, 40, 84, 120, len(DATA) - 1])
def test_file__one_bit_turned__is_damaged_or_of_another_format(place: int) -> None:
    damaged = bytearray(DATA)
    damaged[place] ^= 1
    with pytest.raises((SnapshotCorrupt, SnapshotFormatError)):
        cache_file.decode(bytes(damaged), ENVIRONMENT, SEALER)


@pytest.mark.parametrize("data", [b"", b"\n", DATA[: len(DATA) // 2], DATA + b"\0", b"\xff" * 100, b"{}\n{}"])
def test_file__that_is_no_such_file__is_damaged(data: bytes) -> None:
    with pytest.raises(SnapshotCorrupt):
        cache_file.decode(data, ENVIRONMENT, SEALER)


def test_file__of_another_environment__is_of_no_use() -> None:
    with pytest.raises(SnapshotFormatError, match=r"holds the environment 'production'.*'staging'"):
        cache_file.decode(DATA, "staging", SEALER)


def test_file__under_another_key__is_of_no_use() -> None:
    with pytest.raises(SnapshotFormatError, match="another key"):
        cache_file.decode(DATA, ENVIRONMENT, Sealer(b"another", ENVIRONMENT))


def test_file__of_a_later_format__is_of_no_use() -> None:
    with pytest.raises(SnapshotFormatError, match="its format is 2"):
        cache_file.decode(DATA.replace(b" 1 ", b" 2 ", 1), ENVIRONMENT, SEALER)


def test_write__new_file__is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "flags.cache"
    cache_file.write_private_file(path, DATA)
    assert path.read_bytes() == DATA
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert os.listdir(path.parent) == [path.name]


def test_write__folder_in_the_way__leaves_no_draft(tmp_path: Path) -> None:
    path = tmp_path / "flags.cache"
    (path / "in-the-way").mkdir(parents=True)
    with pytest.raises(IsADirectoryError):
        cache_file.write_private_file(path, DATA)
    assert os.listdir(tmp_path) == [path.name]


def test_move_aside__damaged_file__keeps_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "flags.cache"
    path.write_bytes(b"damaged")
    aside = cache_file.move_aside(path)
    assert (aside.name, aside.read_bytes(), path.exists()) == ("flags.cache.corrupt", b"damaged", False)

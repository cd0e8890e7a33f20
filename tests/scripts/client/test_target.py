"""Whom a command talks to: as configured, else the running local stack."""

from pathlib import Path

import msgspec
import pytest

from flaghoist_cli.client.target import LocalKeys, OriginTarget, Running, TargetOptions, resolve
from flaghoist_cli.terminal.failure import CommandFailed

LOCAL = "http://127.0.0.1:8000"


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    running = Running(LOCAL, "http://127.0.0.1:8787", "production", "http://127.0.0.1:9", 1)
    (tmp_path / "dev.json").write_bytes(msgspec.json.encode(running))
    (tmp_path / "keys.json").write_bytes(msgspec.json.encode(LocalKeys("A", "C", "S")))
    return tmp_path


def test_resolve__nothing_said__is_the_running_stack(data_dir: Path) -> None:
    assert resolve(TargetOptions(data_dir=data_dir)) == OriginTarget(LOCAL, "production", "A", "http://127.0.0.1:8787")


def test_resolve__other_kind__takes_that_key(data_dir: Path) -> None:
    assert resolve(TargetOptions(data_dir=data_dir), "client").key == "C"


def test_resolve__other_origin__is_never_given_the_local_keys(data_dir: Path) -> None:
    with pytest.raises(CommandFailed, match=r"no key for https://o\.example: give one with --key"):
        resolve(TargetOptions(origin="https://o.example", data_dir=data_dir))


def test_resolve__other_origin_with_key__knows_no_edge(data_dir: Path) -> None:
    wanted = TargetOptions(origin="https://o.example/", environment="staging", key="K", data_dir=data_dir)
    assert resolve(wanted) == OriginTarget("https://o.example", "staging", "K", "")


def test_resolve__local_origin_named__still_finds_its_keys(data_dir: Path) -> None:
    assert resolve(TargetOptions(origin=LOCAL, data_dir=data_dir)).key == "A"


def test_resolve__unreadable_file__says_what_to_do(data_dir: Path) -> None:
    (data_dir / "dev.json").write_text("{")
    with pytest.raises(CommandFailed, match="remove it and start `flaghoist dev` again"):
        resolve(TargetOptions(data_dir=data_dir))


@pytest.mark.parametrize("origin", ["nonsense", "ftp://o.example", "http://", "http://a b", "http://[::1"])
def test_resolve__malformed_origin__is_refused_before_anything_is_sent(data_dir: Path, origin: str) -> None:
    with pytest.raises(CommandFailed, match="is not a base URL"):
        resolve(TargetOptions(origin=origin, key="K", data_dir=data_dir))


def test_resolve__key_that_no_header_takes__is_refused(data_dir: Path) -> None:
    with pytest.raises(CommandFailed, match="copy it again"):
        resolve(TargetOptions(origin=LOCAL, key="fh_admin\n", data_dir=data_dir))

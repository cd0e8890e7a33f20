"""The machine and the versions of a measurement, without names and paths."""

import platform
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

import msgspec

from bench.machine.toolchain import HERE, PYTHON_LOCK
from flaghoist_cli.build.node import node_modules

_KIB = 1024
_CONGESTION = Path("/proc/sys/net/ipv4/tcp_congestion_control")
_HOST_PACKAGES = ("workerd", "miniflare", "pyodide")


class _Package(msgspec.Struct):
    version: str = ""
    dependencies: dict[str, str] = {}


def describe_machine() -> Mapping[str, str]:
    """Return a description of the machine."""
    models = _listed(Path("/proc/cpuinfo"), "model name")
    memory_kib = next(iter(_listed(Path("/proc/meminfo"), "MemTotal")), "0 kB").split()[0]
    return {
        "processor": models[0] if models else platform.processor() or platform.machine(),
        "cores": str(len(models) or 1),
        "memory": f"{int(memory_kib) / _KIB / _KIB:.0f} GiB",
        "system": f"{platform.system()} {platform.machine()}",
        "TCP congestion control": _CONGESTION.read_text().strip() if _CONGESTION.is_file() else "unknown",
    }


def describe_versions() -> Mapping[str, str]:
    """Return the versions of the measured packages and of their platforms."""
    hosts = {name: _package(node_modules() / name).version for name in _HOST_PACKAGES}
    peers = _package(HERE).dependencies
    ours = {"flaghoist": version("flaghoist"), "CPython": platform.python_version(), "uvicorn": version("uvicorn")}
    return {**ours, **hosts, **peers, **_locked(PYTHON_LOCK)}


def _listed(path: Path, name: str) -> list[str]:
    if not path.is_file():
        return []
    lines = (line.partition(":") for line in path.read_text().splitlines())
    return [value.strip() for found, _, value in lines if found.strip() == name]


def _locked(lock: Path) -> Mapping[str, str]:
    """Return the versions in a lock file of the packages in its ``.in`` file."""
    named = {line.partition(">=")[0] for line in lock.with_suffix(".in").read_text().splitlines()}
    pinned = (line.split()[0].partition("==") for line in lock.read_text().splitlines() if "==" in line)
    return {name: pin for name, _, pin in pinned if name in named}


def _package(folder: Path) -> _Package:
    return msgspec.json.decode((folder / "package.json").read_bytes(), type=_Package)

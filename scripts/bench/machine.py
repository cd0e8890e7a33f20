"""On what was measured: the machine and the versions, without names and paths."""

import platform
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

import msgspec

from scripts.bench.toolchain import HERE
from scripts.node import NODE_MODULES

_KIB = 1024
_HOST_PACKAGES = ("workerd", "miniflare", "pyodide")


class _Package(msgspec.Struct):
    version: str = ""
    dependencies: dict[str, str] = {}


def describe_machine() -> Mapping[str, str]:
    """Return what the machine is."""
    models = _listed(Path("/proc/cpuinfo"), "model name")
    memory_kib = next(iter(_listed(Path("/proc/meminfo"), "MemTotal")), "0 kB").split()[0]
    return {
        "processor": models[0] if models else platform.processor() or platform.machine(),
        "cores": str(len(models) or 1),
        "memory": f"{int(memory_kib) / _KIB / _KIB:.0f} GiB",
        "system": f"{platform.system()} {platform.machine()}",
    }


def describe_versions() -> Mapping[str, str]:
    """Return the versions of what was measured and of what it ran on."""
    hosts = {name: _package(NODE_MODULES / name).version for name in _HOST_PACKAGES}
    peers = _package(HERE).dependencies
    return {"flaghoist": version("flaghoist"), "CPython": platform.python_version(), **hosts, **peers}


def _listed(path: Path, name: str) -> list[str]:
    if not path.is_file():
        return []
    lines = (line.partition(":") for line in path.read_text().splitlines())
    return [value.strip() for found, _, value in lines if found.strip() == name]


def _package(folder: Path) -> _Package:
    return msgspec.json.decode((folder / "package.json").read_bytes(), type=_Package)

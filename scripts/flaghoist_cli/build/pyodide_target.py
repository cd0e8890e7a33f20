"""The Worker's Python: a compatibility date selects a Pyodide version, which decides which wheels fit."""

from __future__ import annotations

import datetime
import tomllib
from dataclasses import dataclass
from pathlib import Path

from flaghoist_cli.terminal.failure import CommandFailed


@dataclass(frozen=True)
class PyodideTarget:
    """A Pyodide of Cloudflare's runtime: its version, its Python ("3.14") and the platform tag of its wheels."""

    version: str
    python: str
    platform: str

    @property
    def interpreter(self) -> str:
        """The interpreter tag of wheels built for it, like ``cp314``."""
        return f"cp{self.python.replace('.', '')}"


TARGETS: tuple[tuple[datetime.date, PyodideTarget], ...] = (
    (datetime.date(2026, 10, 1), PyodideTarget("314.0.6", "3.14", "pyemscripten_2026_0_wasm32")),
    (datetime.date(2025, 9, 29), PyodideTarget("0.28.2", "3.13", "pyodide_2025_0_wasm32")),
)
"""First compatibility date and the versions that workerd uses from then on, newest first."""


def target_for(compatibility_date: datetime.date) -> PyodideTarget:
    """Return the Pyodide that this compatibility date selects; raise CommandFailed for dates before the table."""
    for first_date, target in TARGETS:
        if compatibility_date >= first_date:
            return target
    raise CommandFailed(
        f"compatibility_date {compatibility_date} is older than {TARGETS[-1][0]}: raise it in wrangler.toml"
    )


def compatibility_date(wrangler_toml: Path) -> datetime.date:
    """Read ``compatibility_date`` of a wrangler.toml."""
    return datetime.date.fromisoformat(tomllib.loads(wrangler_toml.read_text())["compatibility_date"])


def fits(wheel_name: str, target: PyodideTarget) -> bool:
    """Return whether a wheel of this file name installs on ``target`` (any of its compressed tags is enough)."""
    interpreters, abis, platforms = wheel_name.removesuffix(".whl").split("-")[-3:]
    pure = "none" in abis.split(".") and "any" in platforms.split(".")
    if pure:
        return any(tag.startswith("py3") or tag == target.interpreter for tag in interpreters.split("."))
    built_for_it = target.interpreter in interpreters.split(".") or "abi3" in abis.split(".")
    return built_for_it and target.platform in platforms.split(".")

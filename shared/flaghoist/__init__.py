"""Flaghoist for Python: an OpenFeature provider that evaluates feature flags in your own process.

Names load when they are first used. So the Worker, which imports this package too, carries no SDK, and a program that
only evaluates loads no HTTP client.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from flaghoist.version import __version__

if TYPE_CHECKING:
    from flaghoist.sdk.provider import FlaghoistProvider
    from flaghoist.sdk.runtime.options import Options

__all__ = ["FlaghoistProvider", "Options", "__version__"]

_HOMES = {
    "FlaghoistProvider": "flaghoist.sdk.provider",
    "Options": "flaghoist.sdk.runtime.options",
}
"""The module of each public name."""


def __getattr__(name: str) -> object:
    """Return a public name from the module that defines it; raise AttributeError for any other name."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'flaghoist' has no attribute {name!r}")
    return getattr(import_module(home), name)


def __dir__() -> list[str]:
    return [*globals(), *_HOMES]

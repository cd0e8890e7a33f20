"""Flaghoist for Python: an OpenFeature provider that evaluates feature flags in your own process.

Names load when they are first used. The Worker, which imports this package too, carries no SDK, and a program that only
evaluates loads no HTTP client.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from flaghoist.version import __version__

if TYPE_CHECKING:
    from flaghoist.errors import Fault, FlaghoistError, InputError, KeyRefused, LimitExceeded
    from flaghoist.hydration.page import head_html
    from flaghoist.sdk.evaluation.page_options import PageFlags, PageOptions
    from flaghoist.sdk.provider import FlaghoistProvider
    from flaghoist.sdk.runtime.options import Options
    from flaghoist.sdk.snapshot.levels import Level
    from flaghoist.sdk.snapshot.state import State

__all__ = [
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
]

_HOMES = {
    **dict.fromkeys(("Fault", "FlaghoistError", "InputError", "KeyRefused", "LimitExceeded"), "flaghoist.errors"),
    "FlaghoistProvider": "flaghoist.sdk.provider",
    "Level": "flaghoist.sdk.snapshot.levels",
    "Options": "flaghoist.sdk.runtime.options",
    **dict.fromkeys(("PageFlags", "PageOptions"), "flaghoist.sdk.evaluation.page_options"),
    "State": "flaghoist.sdk.snapshot.state",
    "head_html": "flaghoist.hydration.page",
}
"""The module of each public name."""


def __getattr__(name: str) -> object:
    """Return a public name from the module that defines it; raise AttributeError for any other name."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'flaghoist' has no attribute {name!r}")
    return getattr(import_module(home), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})

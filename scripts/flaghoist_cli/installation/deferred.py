"""Modules that not every installation can import: loaded when a command first uses them, or reported in one sentence.

``pip install flaghoist-cli`` brings what talks to a remote origin. What opens an origin's database or KV needs
flaghoist-origin beside it; what builds and runs the Worker needs a checkout with all of its tools.
"""

from importlib import import_module
from typing import Any

from flaghoist_cli.terminal.failure import CommandFailed

INSTALL_ORIGIN = "install it with `pipx install 'flaghoist-cli[origin]'`"
SET_UP_CHECKOUT = "run `make setup` in the checkout, then its `.venv/bin/flaghoist`"
_OWN_PACKAGES = {"flaghoist", "flaghoist_cli"}


class DeferredModule:
    """Stands in for a module until one of its names is used.

    Declare it beside an import for type checkers, so that they see the module itself.
    """

    def __init__(self, name: str, remedy: str) -> None:
        """Stand in for the module ``name``; ``remedy`` tells how to install what it imports."""
        self.__name, self.__remedy = name, remedy

    def __getattr__(self, attribute: str) -> Any:
        """Return the module's attribute; raise CommandFailed naming the remedy where the module cannot be imported."""
        try:
            module = import_module(self.__name)
        except ModuleNotFoundError as error:
            package = (error.name or "").partition(".")[0]
            if package in _OWN_PACKAGES:
                raise
            raise CommandFailed(
                f"this needs the package {package.replace('_', '-')}, which is not installed here: {self.__remedy}"
            ) from error
        return getattr(module, attribute)

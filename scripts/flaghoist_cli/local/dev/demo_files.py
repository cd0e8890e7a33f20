"""The demo's flags and shoppers, and the folder from which its shop is run: all in the checkout, in no wheel."""

import os
from collections.abc import Mapping
from pathlib import Path

from flaghoist_cli.installation.checkout import checkout

SHOPPER = "ada"
"""Whose flags `flaghoist dev` shows."""


def demo_flags() -> Path:
    """Return the flag file that fills a new local stack."""
    return _scripts() / "demo" / "flags.json"


def demo_contexts() -> Path:
    """Return the file of shoppers to evaluate flags for."""
    return _scripts() / "demo" / "contexts.json"


def shop_environment() -> Mapping[str, str]:
    """Return this process's environment, in which Python finds the demo's shop besides what it finds already."""
    known = os.environ.get("PYTHONPATH")
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, (str(_scripts()), known)))}


def _scripts() -> Path:
    return checkout() / "scripts"

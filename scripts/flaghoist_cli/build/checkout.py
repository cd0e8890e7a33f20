"""Where the project's checkout is: some commands need its sources, and no wheel holds them all."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
"""The folder with ``wrangler.toml``; of no use where the command was installed from a wheel."""

"""Where the project lies: tests that read its files start here, however deep they lie themselves."""

from pathlib import Path

ROOT = Path(__file__).parent.parent

"""The demo: an online shop whose flags show every feature once, and shoppers to evaluate them for."""

from pathlib import Path

FOLDER = Path(__file__).parent
FLAGS = FOLDER / "flags.json"
CONTEXTS = FOLDER / "contexts.json"

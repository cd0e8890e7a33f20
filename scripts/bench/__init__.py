"""`make bench`: Flaghoist's bootstrap beside what one would pick otherwise, measured in one session on one machine."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
"""The checkout that this benchmark belongs to; no wheel holds it."""

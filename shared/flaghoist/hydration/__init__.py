"""Hydration: the flags that stand in a page, and the script that lets unmodified clients start from them."""

from flaghoist.hydration.page import head_html
from flaghoist.hydration.payload import SCRIPT_GLOBAL, assignment
from flaghoist.hydration.script import SCRIPT

__all__ = ["SCRIPT", "SCRIPT_GLOBAL", "assignment", "head_html"]

"""Hydration: the flags that stand in a page, and the script that lets unmodified clients start from them."""

from shared.hydration.page import head_html
from shared.hydration.payload import SCRIPT_GLOBAL, assignment
from shared.hydration.script import SCRIPT

__all__ = ["SCRIPT", "SCRIPT_GLOBAL", "assignment", "head_html"]

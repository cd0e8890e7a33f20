"""Hydration: a page carries its flags, and a script lets unmodified clients start from them without a request."""

from flaghoist.hydration.page import head_html
from flaghoist.hydration.payload import SCRIPT_GLOBAL, assignment
from flaghoist.hydration.script import SCRIPT

__all__ = ["SCRIPT", "SCRIPT_GLOBAL", "assignment", "head_html"]

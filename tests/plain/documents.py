"""The shapes that the plain evaluator reads: JSON documents, nothing else.

A flag set document is ``{"flags": {key: flag}, "segments": {key: segment}, "groups": {key: group}}``; members
with a default may be left out everywhere.
"""

from typing import Any

Document = dict[str, Any]

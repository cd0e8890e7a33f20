"""Fixtures that several files of this folder use."""

from tests.edge_worker.border import border

__all__ = ["border"]

"""Evaluation requests, the edge's own attributes, and reported exposures."""

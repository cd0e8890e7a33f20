"""Evaluation requests, the edge's own attributes, and the exposures that are reported."""

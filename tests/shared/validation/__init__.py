"""Tests of what may be written, and what is said about the rest."""

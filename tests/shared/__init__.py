"""Tests of the domain: `shared/`."""

"""Tests of what makes releases."""

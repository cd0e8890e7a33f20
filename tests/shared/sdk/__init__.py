"""Tests of the SDK that runs inside a Python process."""

"""Tests of the SDK in process."""

"""Tests of the queue that reports events."""

"""Tests that run inside workerd, and what runs them there."""

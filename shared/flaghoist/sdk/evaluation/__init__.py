"""Evaluate OpenFeature's requests from the snapshot in memory."""

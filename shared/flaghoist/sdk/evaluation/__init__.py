"""OpenFeature's questions, answered from the snapshot in memory."""

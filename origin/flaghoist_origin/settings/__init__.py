"""Settings, and the limits that they set for the process."""

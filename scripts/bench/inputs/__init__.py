"""Flag sets and visitors for all measurements."""

"""Changes of flags, segments, groups and environments: checked, then written."""

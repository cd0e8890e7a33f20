"""A Worker that cannot be imported."""

raise RuntimeError("this entry is broken")

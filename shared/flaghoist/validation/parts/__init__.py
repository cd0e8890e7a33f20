"""The smallest checks: faults with paths, names, lists of units and values."""

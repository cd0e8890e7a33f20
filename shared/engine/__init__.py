"""The compiled form of a flag set and its evaluation: closures over data, no I/O, no clock, no exceptions."""

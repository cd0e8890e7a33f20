"""Environments in memory, in the form that is evaluated and published."""

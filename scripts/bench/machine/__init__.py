"""The machine and the tools that are measured on it."""

"""Commands about flags: evaluate, import, export, compare, check, types."""

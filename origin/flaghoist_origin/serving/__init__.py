"""Environments in memory, as the origin evaluates them and hands them out."""

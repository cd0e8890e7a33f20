"""Backups: a database as one file that either kind of database takes, and back again above everything published."""

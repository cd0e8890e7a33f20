"""Backups: a database as one file for SQLite and PostgreSQL; a restore is newer than everything published."""

"""Commands about what was: audit, rollback, publication, backups."""

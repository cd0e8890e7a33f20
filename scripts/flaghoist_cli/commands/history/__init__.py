"""Commands about history: audit, rollback, publication, backups."""

"""What happened: the audit log, the version log, and documents as they were."""

"""History: the audit log, the version log, and earlier documents."""

"""Files that commands read: flag files, contexts, secrets."""

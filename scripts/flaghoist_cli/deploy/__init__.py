"""The production deployment: named steps from a checkout to a running Worker; all but the upload work offline."""

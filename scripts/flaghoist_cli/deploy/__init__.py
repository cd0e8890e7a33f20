"""The production deployment: named steps from a checkout to a Worker that answers; all but the upload work offline."""

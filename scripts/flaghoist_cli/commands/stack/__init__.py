"""Commands that start, deploy or examine whole stacks."""

"""How an operator sees what the origin does: metrics, log lines, request ids and traces."""

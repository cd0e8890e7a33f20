"""Terminal input and output: failures, tables, durations, instants."""

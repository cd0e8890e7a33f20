"""What people read and type: failures, tables, durations, instants."""

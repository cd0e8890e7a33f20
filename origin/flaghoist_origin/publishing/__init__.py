"""From a commit to Workers KV: the lease, the schedule, the writer, recovery."""

"""Workers KV through Cloudflare's API: pacing, retries, and classified faults."""

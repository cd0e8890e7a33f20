"""Workers KV through Cloudflare's API: pacing, retries, and faults told apart."""

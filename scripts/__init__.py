"""The `flaghoist` command, the local edge around wrangler and Miniflare, and the deployment; no domain logic."""

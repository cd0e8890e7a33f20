"""All services of a running origin, wired once."""

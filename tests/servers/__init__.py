"""Real servers for tests, started and ended here: PostgreSQL, Valkey, and a proxy that breaks connections."""

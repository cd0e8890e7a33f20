"""The origins behind the Worker, and the circuit breaker of each."""

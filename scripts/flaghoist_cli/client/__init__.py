"""HTTP clients of an origin and an edge."""

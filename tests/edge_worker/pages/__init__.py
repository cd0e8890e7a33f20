"""Pages of a site behind the Worker."""

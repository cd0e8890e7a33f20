"""The origin's HTTP routes, one file per resource."""

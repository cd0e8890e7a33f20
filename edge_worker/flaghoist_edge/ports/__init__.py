"""The Worker's interfaces to the outside, as protocols; settings and deadlines."""

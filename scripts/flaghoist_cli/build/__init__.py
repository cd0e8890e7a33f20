"""The Worker's bundle: staging, wheels, Node, wrangler."""

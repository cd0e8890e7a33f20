"""An origin or an edge, asked over HTTP."""

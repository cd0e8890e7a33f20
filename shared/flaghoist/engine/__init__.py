"""An environment that is loaded from a snapshot and ready to evaluate."""

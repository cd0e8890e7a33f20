"""The report: tables, plots, targets."""

"""The rules that documents keep together: references, cycles, ranges and totals."""

"""Evaluate one flag: clauses, targets, rules, prerequisites, and the outcome."""

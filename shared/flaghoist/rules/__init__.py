"""How one flag is evaluated: clauses, targets, rules, prerequisites, and the outcome."""

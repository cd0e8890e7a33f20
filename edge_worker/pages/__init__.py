"""The pages of a site behind the Worker: fetched while flags are evaluated, and given those at the start of their head."""

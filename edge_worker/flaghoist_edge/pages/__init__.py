"""The pages of a site behind the Worker: fetched while flags are evaluated, and given them at the start of the head."""

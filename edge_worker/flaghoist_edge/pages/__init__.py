"""The pages of a site behind the Worker: fetched while flags are evaluated; flags go to the start of the head."""

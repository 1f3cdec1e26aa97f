"""From the operational database to the warehouse: bulk build, follower, checks. Knows nothing of the pages that read from it."""

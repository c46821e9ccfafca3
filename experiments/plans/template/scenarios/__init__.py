"""Two scenarios of the plan to start from."""

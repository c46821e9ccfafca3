"""The programmes of a plan: how likely its countable promises are, what holds them up, and what they add."""

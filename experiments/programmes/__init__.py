"""The programmes of a plan: how likely its countable promises are, what limits them, and what they add."""

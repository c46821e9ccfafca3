"""A plan to start from: a made-up country of three targets."""

"""Which targets are reachable, with what probability: the question the project exists for."""

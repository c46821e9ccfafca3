"""One file a sector; sectors meet by the names of their variables only."""

"""Experiments of many runs: computed in chunks, kept in a store that loses nothing, read as one result."""

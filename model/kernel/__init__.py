"""The fast engine: one kernel generated from the trace, for one run, 32 runs and a million."""

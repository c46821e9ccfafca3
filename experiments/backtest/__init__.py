"""The method scored against facts later than those it was fitted to, beside its rivals."""

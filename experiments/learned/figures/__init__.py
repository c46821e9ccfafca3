"""The figures of what was learned, one file each."""

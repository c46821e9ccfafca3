"""The shipped plans: a folder each."""

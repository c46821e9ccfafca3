"""Scenarios of the 577 Initiative."""

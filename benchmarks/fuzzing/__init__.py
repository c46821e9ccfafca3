"""Altered inputs of every kind that a user hands over, what each must lead to, and what it led to."""

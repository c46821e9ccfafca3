"""Diagrams of stocks, flows and feedback loops, drawn from the code."""

"""The paper: its text with numbers, figures and tables filled in, and how it is set in type."""

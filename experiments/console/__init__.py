"""What the program says and is told: options, printed texts and tables, progress, files."""

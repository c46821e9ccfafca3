"""What the model is made of: listing, equations, diagrams, files for other programs."""

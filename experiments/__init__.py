"""What is asked of the model: reachability, figures, stores and the command line."""

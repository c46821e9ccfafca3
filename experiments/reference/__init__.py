"""What other countries say of five-year-ahead errors: the study of the reference class, its page and its figure."""

"""Facts and priors in, posterior draws out."""

"""Korea's 577 Initiative (2008-2012): targets, facts, priors, posterior."""

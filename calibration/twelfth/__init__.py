"""Facts, priors and posterior of the 12th plan (2011-2015)."""

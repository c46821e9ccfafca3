"""Facts, priors and posterior of the 11th plan (2006-2010)."""

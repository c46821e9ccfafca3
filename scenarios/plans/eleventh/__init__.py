"""The 11th plan (2006-2010): targets, facts, priors, posterior, looks."""

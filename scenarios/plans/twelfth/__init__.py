"""The 12th plan (2011-2015): targets, facts, priors, posteriors, register."""

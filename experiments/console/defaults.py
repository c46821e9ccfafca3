"""What commands and functions take where nothing is given, and the limits of it; loads nothing."""

DRAWS, MOST_DRAWS = 20_000, 1_000_000
SEED, MOST_SEED = 2011, 2**63 - 1
PLAN, BACKTESTED = "twelfth", "eleventh"
ORIGINS = range(2003, 2010)  # of the scoreboard: each has a year with facts after it, and some before

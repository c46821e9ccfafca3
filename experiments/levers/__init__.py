"""What each lever moves: ``fiveyear levers``."""

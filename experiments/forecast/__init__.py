"""What a scenario says of the years ahead: its draws, when a target is met, and what rival forecasts say."""

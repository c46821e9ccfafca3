"""The reference class: how research and innovation went in other countries to 2010, and what follows for forecasts."""

"""One TOML file a five-year plan."""

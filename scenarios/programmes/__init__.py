"""The shipped programmes: one TOML file each, and one of the platforms that they share."""

"""The programmes of the plan: one TOML file each, and one of the platforms that they share."""

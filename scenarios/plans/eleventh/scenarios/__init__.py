"""The scenarios of the plan: one TOML file each."""

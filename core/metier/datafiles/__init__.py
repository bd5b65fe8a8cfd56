"""Data files in YAML and TOML, with the position of every value."""

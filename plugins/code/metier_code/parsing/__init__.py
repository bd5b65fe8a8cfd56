"""A source text to its definitions."""

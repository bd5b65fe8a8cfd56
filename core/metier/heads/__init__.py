"""Heads: what learns labels from examples, says how sure it is, and is kept in a folder."""

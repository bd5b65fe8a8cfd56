"""Redaction: what in a text identifies a person, and texts without it."""

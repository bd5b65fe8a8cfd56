"""Assertion status: what a text says of its author, now and for certain, and what it does not."""

"""Indexes: texts kept with their vectors, in memory or on disk, and search in them."""

"""Caches of vectors, on disk and in memory, so that no text is embedded twice."""

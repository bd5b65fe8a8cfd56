"""Vectors kept on disk between runs, so that no text is embedded twice."""

"""Texts as people have them: rows with ids, and the files they are read from. No models."""

"""The family of encoders in sentence-transformers layout."""

"""Search stages: each scores the candidates of a search in its own way, and is one file here."""

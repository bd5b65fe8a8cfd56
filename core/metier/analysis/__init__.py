"""Numbers out of vectors: group, score, name, project. Knows nothing of domains or models."""

"""Text to vectors and scores: embedders, rerankers and their families. Knows nothing of domains."""

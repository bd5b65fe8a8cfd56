"""Embedding, streaming and reranking with model objects and `Instruction` objects."""

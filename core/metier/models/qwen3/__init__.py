"""Qwen3-Embedding and Qwen3-Reranker: templates, checks, and how the two are run."""

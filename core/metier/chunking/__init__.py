"""Divide documents into chunks that a model reads whole, each with its offsets. No models."""

"""Shared steps of workflows: search, cluster, classify and flag texts, each with its result."""

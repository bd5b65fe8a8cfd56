"""Workflows: the contract, typed results, run records, and the steps domains share."""

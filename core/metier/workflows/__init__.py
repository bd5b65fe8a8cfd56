"""Workflows: the contract, their parameters, and the comparison of two runs."""

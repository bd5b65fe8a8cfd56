"""Workflows: the contract, their parameters, typed results and run records."""

"""Contracts and clauses for metier. What it brings is declared in domain.yaml."""

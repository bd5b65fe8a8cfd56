"""Financial risk assessment for metier. What it brings is declared in domain.yaml."""

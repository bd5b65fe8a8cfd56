"""Clinical text for metier. Its domain is declared in domain.yaml; this brings a guard."""

from metier_healthcare.guard import metier_before_send

__all__ = ["metier_before_send"]

"""The products of a transformers model, made our way. Imports torch."""

from __future__ import annotations

import torch

from metier.models.device import Placement
from metier.models.linear import linear


class Product(torch.nn.Module):
    """Stands where a `torch.nn.Linear` stood; takes states of any leading shape."""

    def __init__(self, replaced: torch.nn.Linear, placement: Placement) -> None:
        super().__init__()
        self._linear = linear(placement, replaced.weight, replaced.bias)

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        return self._linear(states.flatten(0, -2)).view(*states.shape[:-1], -1)


def replace_products(model: torch.nn.Module, placement: Placement) -> None:
    """Replace every linear module of a model, in place."""
    for module in list(model.modules()):
        for name, child in list(module.named_children()):
            if isinstance(child, torch.nn.Linear):
                setattr(module, name, Product(child, placement))

"""Integer products in a model of transformers. Imports torch."""

from __future__ import annotations

import torch

from metier.models.linear import Int8


class Int8Product(torch.nn.Module):
    """Stands where a `torch.nn.Linear` stood; takes states of any leading shape."""

    def __init__(self, replaced: torch.nn.Linear) -> None:
        super().__init__()
        self._product = Int8(replaced.weight, replaced.bias)

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        return self._product(states.flatten(0, -2)).view(*states.shape[:-1], -1)


def round_products(model: torch.nn.Module) -> None:
    """Replace every linear module of a model, in place."""
    for module in list(model.modules()):
        for name, child in list(module.named_children()):
            if isinstance(child, torch.nn.Linear):
                setattr(module, name, Int8Product(child))

"""Matrix products with weights, in the numbers a placement says. Imports torch."""

from __future__ import annotations

from typing import Protocol

import torch

from metier.models.device import Placement

_LEVELS = 127
"""Steps of an int8 weight or activation on each side of zero."""

_ZERO = 128
"""Zero of unsigned activations: int8 instructions multiply unsigned with signed numbers."""

_LEAST = 1e-30
"""Rows of states below this are zeros: 127 over a much smaller number is infinite in float32."""


class Linear(Protocol):
    """x -> x W^T + b for x (tokens, in), giving (tokens, out)."""

    def __call__(self, states: torch.Tensor) -> torch.Tensor: ...

    def to(self, dtype: torch.dtype) -> Linear:
        """The same product for states of another format."""


class Dense:
    """A product in the format of its weights."""

    def __init__(self, weight: torch.Tensor, bias: torch.Tensor | None = None) -> None:
        self._weight = weight
        self._bias = bias

    def __call__(self, states: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.linear(states, self._weight, self._bias)

    def to(self, dtype: torch.dtype) -> Dense:
        return Dense(self._weight.to(dtype), None if self._bias is None else self._bias.to(dtype))


class Int8:
    """A product of 8-bit integers, its result scaled back to float32.

    Weights are rounded once, with a scale of their own per output; states are rounded at each call,
    with one per token. Both are symmetric, the largest magnitude at 127, and the sums of products
    are exact.
    """

    def __init__(self, weight: torch.Tensor, bias: torch.Tensor | None = None) -> None:
        exact = weight.float()
        scale = exact.abs().amax(dim=1).clamp_(min=torch.finfo(torch.float32).tiny) / _LEVELS
        rounded = torch.round(exact / scale[:, None]).to(torch.int8)
        self._weight = torch.ops.onednn.qlinear_prepack(rounded, None)
        self._scale = scale
        self._zeros = torch.zeros(len(scale), dtype=torch.int64)
        self._bias = None if bias is None else bias.float()

    def __call__(self, states: torch.Tensor) -> torch.Tensor:
        states = states.float()
        size = torch.linalg.vector_norm(states, torch.inf, dim=1, keepdim=True)
        size.clamp_(min=_LEAST)
        # Half a step more, and the cast to whole numbers, which cuts, rounds to the nearest.
        middle = torch.tensor(_ZERO + 0.5)
        rounded = torch.addcmul(middle, states, _LEVELS / size).to(torch.uint8)
        product: torch.Tensor = torch.ops.onednn.qlinear_pointwise(
            rounded,
            1.0,  # the scale of states differs by row and follows below
            _ZERO,
            self._weight,
            self._scale,
            self._zeros,
            None,
            1.0,
            0,
            torch.float32,
            "none",
            [],
            "",
        )
        product.mul_(size / _LEVELS)
        return product if self._bias is None else product.add_(self._bias)

    def to(self, dtype: torch.dtype) -> Int8:
        return self


def linear(placement: Placement, weight: torch.Tensor, bias: torch.Tensor | None = None) -> Linear:
    """A product with these weights on a placement."""
    return Int8(weight, bias) if placement.int8 else Dense(weight, bias)

"""Linear layers in the number format of a placement. Imports torch."""

from __future__ import annotations

from typing import Protocol

import torch

from metier.models.device import Placement

_WEIGHT_LEVELS = 127
"""Steps of an int8 weight on each side of zero."""

_STATE_LEVELS = 255
"""Steps of a state: integer instructions multiply unsigned states with signed weights."""

_MIDDLE = 128
"""The unsigned level of states that corresponds to a signed level of zero."""

_FINEST = 1e-4
"""Least range of a token's states, as a share of the largest of them."""

_TINY = 1e-30  # a scale by which a row of zeros can be divided


class Linear(Protocol):
    """x -> x W^T + b for x (tokens, in), giving (tokens, out)."""

    def __call__(self, states: torch.Tensor) -> torch.Tensor: ...

    def to(self, dtype: torch.dtype) -> Linear:
        """The same product for states of another format."""


class DenseLinear:
    """A product in the format of its weights."""

    def __init__(self, weight: torch.Tensor, bias: torch.Tensor | None = None) -> None:
        self._weight = weight
        self._bias = bias

    def __call__(self, states: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.linear(states, self._weight, self._bias)

    def to(self, dtype: torch.dtype) -> DenseLinear:
        return DenseLinear(
            self._weight.to(dtype), None if self._bias is None else self._bias.to(dtype)
        )


class PrepackedLinear:
    """A product in bfloat16 on a CPU, with weights in oneDNN's own layout.

    With `DenseLinear` oneDNN converts them at each call, which takes as long as a few dozen tokens.
    """

    def __init__(self, weight: torch.Tensor, bias: torch.Tensor | None = None) -> None:
        self._weight = torch.ops.mkldnn._reorder_linear_weight(weight)
        self._bias = bias

    def __call__(self, states: torch.Tensor) -> torch.Tensor:
        product: torch.Tensor = torch.ops.mkldnn._linear_pointwise(
            states, self._weight, self._bias, "none", [], ""
        )
        return product

    def to(self, dtype: torch.dtype) -> DenseLinear:
        return DenseLinear(self._weight.to_dense(), self._bias).to(dtype)


class Int8Linear:
    """A product of 8-bit integers, its result scaled back to float32.

    Weights are rounded once, W = s_w q_w with a scale for each output. States are rounded at each
    call, x = low + s_x q_x with the least value and a scale for each token: the states of a token
    are rarely centered, and half of the steps would be lost on a range round zero. The product is
    x W^T = s_x s_w (q_x q_w^T) + low (s_w sum q_w), and its sums of integers are exact.
    """

    def __init__(self, weight: torch.Tensor, bias: torch.Tensor | None = None) -> None:
        scale = weight.abs().amax(dim=1).float().clamp_(min=_TINY) / _WEIGHT_LEVELS
        rounded = torch.div(weight, scale[:, None]).round_().to(torch.int8)
        self._weight = torch.ops.onednn.qlinear_prepack(rounded, None)
        self._scale = scale
        self._sums = rounded.sum(dim=1, dtype=torch.int64) * scale
        self._zeros = torch.zeros(len(scale), dtype=torch.int64)
        self._bias = None if bias is None else bias.float()

    def __call__(self, states: torch.Tensor) -> torch.Tensor:
        states = states.float()
        # Two passes that torch vectorizes are faster than `aminmax`, which it does not.
        low, high = states.amin(dim=1, keepdim=True), states.amax(dim=1, keepdim=True)
        # With finer steps than the digits of the least value, levels would not be whole numbers.
        least = torch.maximum(low.abs(), high.abs()).mul_(_FINEST).clamp_(min=_TINY)
        scale = torch.maximum(high - low, least) / _STATE_LEVELS
        # Signed, with the top bit flipped: a cast to unsigned numbers is several times slower.
        signed = states.mul(1 / scale).sub_(low / scale + _MIDDLE).round_().to(torch.int8)
        rounded = signed.view(torch.uint8).bitwise_xor_(_MIDDLE)
        product: torch.Tensor = torch.ops.onednn.qlinear_pointwise(
            rounded,
            1.0,  # the scale and least value of states differ by row and are applied below
            0,
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
        product.mul_(scale).addcmul_(low, self._sums)
        return product if self._bias is None else product.add_(self._bias)

    def to(self, dtype: torch.dtype) -> Int8Linear:
        return self


def linear(placement: Placement, weight: torch.Tensor, bias: torch.Tensor | None = None) -> Linear:
    """A linear layer with these weights on a placement."""
    if placement.int8:
        return Int8Linear(weight, bias)
    return PrepackedLinear(weight, bias) if prepacks(placement) else DenseLinear(weight, bias)


def prepacks(placement: Placement) -> bool:
    """Whether weights are converted to oneDNN's layout beforehand, as torch's compiler does."""
    return (
        placement.device.type == "cpu"
        and placement.dtype == torch.bfloat16
        and hasattr(torch.ops.mkldnn, "_linear_pointwise")
        and hasattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported")
        and bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())
    )

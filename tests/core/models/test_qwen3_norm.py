"""The norm of Qwen3 in short formats, against float64."""

from __future__ import annotations

import pytest
import torch
from torch.nn.functional import rms_norm

from metier.models.kernels.decoder import normed

EPSILON = 1e-6


@pytest.fixture
def states():
    """Heads as a slice of a wider product, as the decoder has them."""
    wide = torch.randn(9, 6, 32, generator=torch.Generator().manual_seed(0))
    return wide[:, 1:4]


@pytest.fixture
def weight():
    return torch.randn(32, generator=torch.Generator().manual_seed(1))


def test_float32_is_the_norm_of_torch(states, weight):
    assert torch.equal(normed(states, weight, EPSILON), rms_norm(states, (32,), weight, EPSILON))


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_a_short_format_is_rounded_once_and_no_farther_than_torch(states, weight, dtype):
    states, weight = states.to(dtype), weight.to(dtype)
    exact = rms_norm(states.double(), (32,), weight.double(), EPSILON)

    found = normed(states, weight, EPSILON)

    assert found.dtype == dtype
    # half a unit in the last place, and what float32 adds to it
    allowed = 0.5001 * torch.finfo(dtype).eps * exact.abs() + 1e-7
    assert ((found.double() - exact).abs() <= allowed).all()
    theirs = rms_norm(states, (32,), weight, EPSILON).double()
    assert (found.double() - exact).norm() <= (theirs - exact).norm()


def test_zeros_stay_zeros(weight):
    zeros = torch.zeros(2, 32, dtype=torch.bfloat16)

    assert not normed(zeros, weight.bfloat16(), EPSILON).any()

"""Products with weights: exact ones, and those of 8-bit integers."""

from __future__ import annotations

import pytest
import torch
from torch.nn.functional import linear as product

from metier.models.device import INT8_FLAGS, Placement, cpu_capabilities
from metier.models.kernels.linear import DenseLinear, Int8Linear, PrepackedLinear, linear, prepacks

CPU = torch.device("cpu")
BFLOAT16 = Placement(CPU, torch.bfloat16)
needs_int8 = pytest.mark.skipif(
    not any(cpu_capabilities().get(flag) for flag in INT8_FLAGS),
    reason="needs a CPU that multiplies 8-bit integers",
)


@pytest.fixture
def weight():
    return torch.randn(48, 96, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def bias():
    return torch.randn(48, generator=torch.Generator().manual_seed(1))


@pytest.fixture
def states():
    """Rows of very different size, from a millionth to a million."""
    rows = torch.randn(37, 96, generator=torch.Generator().manual_seed(2))
    return rows * torch.logspace(-6, 6, len(rows))[:, None]


def test_dense_is_the_product_of_torch(weight, bias, states):
    assert torch.equal(DenseLinear(weight, bias)(states), product(states, weight, bias))
    assert torch.equal(DenseLinear(weight)(states), product(states, weight))


def test_dense_in_another_format_takes_states_of_it(weight, bias, states):
    half = DenseLinear(weight, bias).to(torch.bfloat16)

    found = half(states.bfloat16())

    assert found.dtype == torch.bfloat16
    assert torch.equal(found, product(states.bfloat16(), weight.bfloat16(), bias.bfloat16()))


@pytest.mark.skipif(not prepacks(BFLOAT16), reason="needs a CPU whose oneDNN knows bfloat16")
def test_weights_laid_out_beforehand_give_the_same_product(weight, bias, states):
    weight, bias, states = weight.bfloat16(), bias.bfloat16(), states.bfloat16()
    laid_out = linear(BFLOAT16, weight, bias)

    assert type(laid_out) is PrepackedLinear
    assert torch.equal(laid_out(states), product(states, weight, bias))
    assert torch.equal(
        laid_out.to(torch.float32)(states.float()),
        product(states.float(), weight.float(), bias.float()),
    )


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
def test_other_formats_are_not_laid_out_beforehand(weight, dtype):
    assert type(linear(Placement(CPU, dtype), weight.to(dtype))) is DenseLinear


@needs_int8
@pytest.mark.parametrize("with_bias", [False, True])
def test_integers_are_close_in_each_row_whatever_its_size(weight, bias, states, with_bias):
    added = bias if with_bias else None

    found = Int8Linear(weight, added)(states)

    bare = product(states, weight)
    error = found - product(states, weight, added)
    assert found.dtype == torch.float32
    assert error.norm() / bare.norm() < 0.012
    # what adding the bias rounds away is no error of the product
    allowed = 0.018 * bare.norm(dim=1) + 1e-6 * bias.norm()
    assert (error.norm(dim=1) < allowed).all()


@needs_int8
@pytest.mark.parametrize("middle", [-1e6, -30, 30, 1000])
def test_integers_are_close_where_a_row_is_far_from_zero_or_all_one_number(weight, middle):
    states = torch.randn(5, 96, generator=torch.Generator().manual_seed(3)) + middle
    states[4] = middle

    found = Int8Linear(weight)(states)

    exact = product(states.double(), weight.double())
    assert ((found - exact).norm(dim=1) < 0.02 * exact.norm(dim=1)).all()


@needs_int8
def test_a_row_of_zeros_gives_the_bias_and_nothing_else(weight, bias, states):
    states[[0, 9, 36]] = 0

    assert torch.equal(Int8Linear(weight, bias)(states)[[0, 9, 36]], bias.expand(3, -1))
    assert not Int8Linear(weight)(states)[[0, 9, 36]].any()


@needs_int8
def test_numbers_near_the_least_of_float32_give_no_nan(weight, bias, states):
    states[0] = torch.finfo(torch.float32).tiny
    states[1] = torch.finfo(torch.float32).smallest_normal / 1024
    weight[0] = 0
    weight[1] = torch.finfo(torch.float32).smallest_normal / 1024

    found = Int8Linear(weight, bias)(states)

    assert found.isfinite().all()
    assert torch.equal(found[:2], bias.expand(2, -1))
    assert torch.equal(found[:, 0], bias[:1].expand(len(states)))


@needs_int8
def test_a_row_does_not_depend_on_its_neighbors(weight, bias, states):
    integers = Int8Linear(weight, bias)

    together = integers(states)

    assert torch.equal(together, torch.cat([integers(row[None]) for row in states]))
    assert torch.equal(together.flip(0), integers(states.flip(0)))


@needs_int8
def test_a_row_that_is_not_finite_is_not_hidden(weight, states):
    whole = Int8Linear(weight)(states)
    states[3, 5] = torch.nan
    states[4, 5] = torch.inf

    found = Int8Linear(weight)(states)

    assert not found[3:5].isfinite().any()
    assert torch.equal(found[5:], whole[5:])


@needs_int8
def test_a_placement_says_which_product_is_made(weight):
    assert isinstance(linear(Placement(CPU, torch.float32), weight), DenseLinear)
    assert isinstance(linear(Placement(CPU, torch.float32, int8=True), weight), Int8Linear)

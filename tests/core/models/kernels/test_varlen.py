"""How keys are laid out for CUDA's attention over different lengths, and what it computes."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn.functional import scaled_dot_product_attention

from metier.models.kernels import varlen
from metier.models.kernels.attention import States, attend, attend_last
from metier.models.kernels.packing import pack

CPU = torch.device("cpu")
LENGTHS = (7, 7, 4, 2, 2, 1)
HEADS, KEY_HEADS, SIZE = 4, 2, 8


def sequences():
    return [np.full(length, place, dtype=np.int32) for place, length in enumerate(LENGTHS)]


def random_states(tokens, heads, seed, size=SIZE):
    return torch.randn(tokens, heads, size, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("offset", [0, 1, 5])
def test_the_prefix_is_laid_before_each_sequence(offset):
    packed = pack(sequences(), CPU, offset=offset)

    order = packed.key_order.tolist()
    bounds = packed.key_bounds

    expected, begins, own = [], [0], offset  # rows: the prefix first, the pack behind it
    for length in LENGTHS:
        expected += [*range(offset), *range(own, own + length)]
        begins.append(len(expected))
        own += length
    assert order == expected
    assert bounds.tolist() == begins
    assert bounds.dtype == torch.int32


def test_attention_over_the_layout_is_the_one_of_each_run():
    packed = pack(sequences(), CPU, offset=5)
    tokens = sum(LENGTHS)
    queries = random_states(tokens, HEADS, 0)
    states = States(random_states(tokens, KEY_HEADS, 1), random_states(tokens, KEY_HEADS, 2))
    prefix = States(random_states(5, KEY_HEADS, 3), random_states(5, KEY_HEADS, 4))
    order, bounds = packed.key_order, packed.key_bounds.tolist()
    keys = torch.cat([prefix.keys, states.keys])[order]
    values = torch.cat([prefix.values, states.values])[order]

    rows = []
    for start, end, first, last in zip(
        bounds, bounds[1:], packed.bounds.tolist(), packed.bounds.tolist()[1:], strict=False
    ):
        seen = torch.ones(last - first, end - start, dtype=torch.bool).tril(5)
        made = scaled_dot_product_attention(
            queries[first:last].transpose(0, 1)[None],
            keys[start:end].transpose(0, 1)[None],
            values[start:end].transpose(0, 1)[None],
            attn_mask=seen,
            enable_gqa=True,
        )
        rows.append(made[0].transpose(0, 1).flatten(1))
    laid_out = torch.cat(rows)

    assert (laid_out - attend(queries, states, packed, prefix, causal=True)).abs().max() <= 1e-6
    last = attend_last(queries[packed.last], states, packed, prefix)
    assert (laid_out[packed.last] - last).abs().max() <= 1e-6


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_a_cpu_has_no_such_kernel(dtype):
    assert not varlen.computes(CPU, dtype)


@pytest.mark.gpu
@pytest.mark.skipif(
    not (torch.cuda.is_available() and varlen.computes(torch.device("cuda"), torch.bfloat16)),
    reason="needs a CUDA device with attention for different lengths",
)
@pytest.mark.parametrize("key_heads", [4, 2])
@pytest.mark.parametrize(("offset", "causal"), [(0, True), (0, False), (5, True)])
def test_one_call_gives_what_a_call_per_length_gives(key_heads, offset, causal):
    size, tokens, cuda = 64, sum(LENGTHS), torch.device("cuda")
    packed, here = (pack(sequences(), device, offset=offset) for device in (cuda, CPU))
    shapes = [(tokens, 4), *[(tokens, key_heads)] * 2, *[(offset, key_heads)] * 2]
    rounded = [random_states(*shape, seed, size).bfloat16() for seed, shape in enumerate(shapes)]

    def both_ways(pack_there, device, dtype):
        asked, keys, values, before, shared = (part.to(device, dtype) for part in rounded)
        states, prefix = States(keys, values), States(before, shared) if offset else None
        whole = attend(asked, states, pack_there, prefix, causal=causal)
        last = attend_last(asked[pack_there.last], states, pack_there, prefix)
        return torch.cat([whole, last]).float().cpu()

    found = both_ways(packed, cuda, torch.bfloat16)

    # bfloat16 keeps 8 bits, and mixed values are of the size of one
    assert (found - both_ways(here, CPU, torch.float32)).abs().max() <= 0.02
    assert (found - both_ways(here, CPU, torch.bfloat16)).abs().max() <= 0.03

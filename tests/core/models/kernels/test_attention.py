"""Attention over a pack against torch's own, one sequence at a time."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn.functional import scaled_dot_product_attention

from metier.models.kernels.attention import States, attend, attend_last
from metier.models.kernels.packing import pack

CPU = torch.device("cpu")
LENGTHS = (9, 9, 5, 3, 3, 3, 1, 1)
SIZE = 8


def random_states(tokens, heads, seed):
    return torch.randn(tokens, heads, SIZE, generator=torch.Generator().manual_seed(seed))


def sequence_by_sequence(queries, states, prefix=None, *, causal=False, scale=None):
    """(tokens, heads, size) from one call of torch per sequence, key heads repeated."""
    found = []
    times = queries.shape[1] // states.keys.shape[1]
    ends = np.cumsum(LENGTHS)
    for start, end in zip(ends - LENGTHS, ends, strict=True):
        keys, values = states.keys[start:end], states.values[start:end]
        if prefix is not None:
            keys, values = torch.cat([prefix.keys, keys]), torch.cat([prefix.values, values])
        seen = torch.ones(int(end - start), len(keys), dtype=torch.bool)
        made = scaled_dot_product_attention(
            queries[start:end].transpose(0, 1),
            keys.transpose(0, 1).repeat_interleave(times, dim=0),
            values.transpose(0, 1).repeat_interleave(times, dim=0),
            attn_mask=seen.tril(len(keys) - int(end - start)) if causal else seen,
            scale=scale,
        )
        found.append(made.transpose(0, 1))
    return torch.cat(found)


@pytest.fixture
def packed():
    return pack([np.zeros(length, dtype=np.int32) for length in LENGTHS], CPU)


@pytest.mark.parametrize("key_heads", [4, 2, 1])
@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("scale", [None, 0.05])
def test_every_token_attends_inside_its_own_sequence(packed, key_heads, causal, scale):
    tokens = sum(LENGTHS)
    queries = random_states(tokens, 4, seed=0)
    states = States(random_states(tokens, key_heads, 1), random_states(tokens, key_heads, 2))

    found = attend(queries, states, packed, causal=causal, scale=scale)

    expected = sequence_by_sequence(queries, states, causal=causal, scale=scale)
    assert found.shape == (tokens, 4 * SIZE)
    assert (found - expected.flatten(1)).abs().max() <= 1e-6


@pytest.mark.parametrize("prefix_length", [0, 1, 6])
def test_the_last_tokens_alone_give_what_they_give_among_all(packed, prefix_length):
    tokens = sum(LENGTHS)
    queries = random_states(tokens, 4, seed=0)
    states = States(random_states(tokens, 2, 1), random_states(tokens, 2, 2))
    prefix = None
    if prefix_length:
        prefix = States(random_states(prefix_length, 2, 3), random_states(prefix_length, 2, 4))

    found = attend_last(queries[packed.last], states, packed, prefix)

    expected = sequence_by_sequence(queries, states, prefix, causal=True)[packed.last]
    whole = attend(queries, states, packed, prefix, causal=True)[packed.last]
    assert (found - expected.flatten(1)).abs().max() <= 1e-6
    assert (found - whole).abs().max() <= 1e-6


@pytest.mark.parametrize("key_heads", [4, 2])
@pytest.mark.parametrize("prefix_length", [1, 6])
def test_every_token_sees_the_whole_prefix(packed, key_heads, prefix_length):
    tokens = sum(LENGTHS)
    queries = random_states(tokens, 4, seed=0)
    states = States(random_states(tokens, key_heads, 1), random_states(tokens, key_heads, 2))
    prefix = States(
        random_states(prefix_length, key_heads, 3), random_states(prefix_length, key_heads, 4)
    )

    found = attend(queries, states, packed, prefix, causal=True)

    expected = sequence_by_sequence(queries, states, prefix, causal=True)
    assert (found - expected.flatten(1)).abs().max() <= 1e-6

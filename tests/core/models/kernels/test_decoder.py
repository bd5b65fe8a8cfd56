"""The packed decoder against transformers' own Qwen3Model, one sequence at a time."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn.functional import rms_norm
from transformers import Qwen3Config, Qwen3Model

from metier.errors import CheckpointError
from metier.models.device import Placement
from metier.models.kernels.decoder import Decoder, rms_normalize

EXACT = Placement(torch.device("cpu"), torch.float32)
LENGTHS = (50, 50, 33, 20, 20, 20, 7, 1, 1)


@pytest.fixture(scope="module")
def model(qwen3_folder):
    loaded = Qwen3Model.from_pretrained(qwen3_folder, dtype=torch.float32)
    return loaded.eval().requires_grad_(False)


@pytest.fixture(scope="module")
def decoder(qwen3_folder):
    # of its own: a decoder uses its model up
    return Decoder(Qwen3Model.from_pretrained(qwen3_folder, dtype=torch.float32), EXACT)


@pytest.fixture(scope="module")
def sequences(model):
    rng = np.random.default_rng(0)
    return [rng.integers(0, model.config.vocab_size, n).astype(np.int32) for n in LENGTHS]


def one_by_one(model, sequences):
    with torch.inference_mode():
        states = [
            model(input_ids=torch.from_numpy(ids.astype(np.int64))[None], use_cache=False)
            for ids in sequences
        ]
    return torch.stack([state.last_hidden_state[0, -1] for state in states])


def test_a_pack_gives_what_each_sequence_gives_alone(model, decoder, sequences):
    found = decoder.pooled(sequences)

    assert (found - one_by_one(model, sequences)).abs().max() <= 1e-5


@pytest.mark.parametrize("pieces", [(35,), (20, 15), (1, 1, 33)])
def test_a_shared_prefix_gives_what_the_whole_sequences_give(model, decoder, sequences, pieces):
    rng = np.random.default_rng(1)
    parts = [rng.integers(0, model.config.vocab_size, n).astype(np.int32) for n in pieces]
    prefix = None
    for part in parts:
        prefix = decoder.prefix(part, prefix)

    found = decoder.pooled(sequences, prefix)

    whole = [np.concatenate([*parts, ids]) for ids in sequences]
    assert prefix.length == sum(pieces)
    assert (found - one_by_one(model, whole)).abs().max() <= 1e-5


def test_a_prefix_is_not_changed_by_its_use(decoder, sequences):
    prefix = decoder.prefix(sequences[0])
    before = [layer.keys.clone() for layer in prefix.states]

    first = decoder.pooled(sequences, prefix)
    again = decoder.pooled(sequences, prefix)

    assert torch.equal(first, again)
    assert all(torch.equal(a.keys, b) for a, b in zip(prefix.states, before, strict=True))


def test_joined_weights_are_let_go(qwen3_folder):
    model = Qwen3Model.from_pretrained(qwen3_folder, dtype=torch.float32)

    Decoder(model, EXACT)

    assert all(layer.self_attn is layer.mlp is None for layer in model.layers)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"attention_bias": True}, "attention_bias"),
        ({"hidden_act": "gelu"}, "gelu"),
        (
            {"rope_parameters": {"rope_type": "dynamic", "rope_theta": 1e4, "factor": 2.0}},
            "dynamic",
        ),
        ({"use_sliding_window": True, "sliding_window": 8, "max_window_layers": 0}, "sliding"),
    ],
)
def test_a_variant_that_is_not_written_is_refused(change, named):
    config = Qwen3Config(
        vocab_size=50, hidden_size=16, intermediate_size=16, num_hidden_layers=1,
        num_attention_heads=2, num_key_value_heads=1, head_dim=8, **change,
    )  # fmt: skip

    with pytest.raises(CheckpointError, match=named):
        Decoder(Qwen3Model(config), EXACT)


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
    assert torch.equal(
        rms_normalize(states, weight, EPSILON), rms_norm(states, (32,), weight, EPSILON)
    )


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_a_short_format_is_rounded_once_and_no_farther_than_torch(states, weight, dtype):
    states, weight = states.to(dtype), weight.to(dtype)
    exact = rms_norm(states.double(), (32,), weight.double(), EPSILON)

    found = rms_normalize(states, weight, EPSILON)

    assert found.dtype == dtype
    # half a unit in the last place, and what float32 adds to it
    allowed = 0.5001 * torch.finfo(dtype).eps * exact.abs() + 1e-7
    assert ((found.double() - exact).abs() <= allowed).all()
    theirs = rms_norm(states, (32,), weight, EPSILON).double()
    assert (found.double() - exact).norm() <= (theirs - exact).norm()


def test_zeros_stay_zeros(weight):
    zeros = torch.zeros(2, 32, dtype=torch.bfloat16)

    assert not rms_normalize(zeros, weight.bfloat16(), EPSILON).any()

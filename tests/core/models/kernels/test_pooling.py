"""Pooling of packs and of padded rows: the same, and what it says."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from metier.models.kernels.packing import pack
from metier.models.kernels.pooling import pool_packed, pool_padded

LENGTHS = (7, 7, 5, 3, 2, 2, 1)


@pytest.fixture
def texts():
    """Token states of each text: (length, dim)."""
    source = torch.Generator().manual_seed(0)
    return [torch.randn(length, 6, generator=source) for length in LENGTHS]


def pooled_packed(texts, mode, skip):
    ids = [np.zeros(len(text), dtype=np.int32) for text in texts]
    return pool_packed(torch.cat(texts), pack(ids, torch.device("cpu")), mode, skip=skip)


def pooled_padded(texts, mode, skip):
    hidden = torch.full((len(texts), 9, 6), torch.nan)  # what stands in padding may not be read
    for row, text in enumerate(texts):
        hidden[row, : len(text)] = text
    return pool_padded(hidden, torch.tensor([len(text) for text in texts]), mode, skip=skip)


def expected_of(text, mode, skip):
    if mode == "last":
        return text[-1]
    if mode == "cls":
        return text[skip] if len(text) > skip else text[0]
    return text[skip:].mean(dim=0) if len(text) > skip else torch.zeros(6)


@pytest.mark.parametrize("mode", ["mean", "cls", "last"])
@pytest.mark.parametrize("skip", [0, 1, 3, 7])
def test_packed_and_padded_states_are_pooled_alike(texts, mode, skip):
    packed, padded = pooled_packed(texts, mode, skip), pooled_padded(texts, mode, skip)

    expected = torch.stack([expected_of(text, mode, skip) for text in texts])
    assert (packed - expected).abs().max() <= 1e-6
    assert (padded - expected).abs().max() <= 1e-6


@pytest.mark.parametrize("mode", ["mean", "cls", "last"])
def test_short_formats_are_pooled_to_float32(texts, mode):
    halved = [text.bfloat16() for text in texts]

    packed, padded = pooled_packed(halved, mode, 0), pooled_padded(halved, mode, 0)

    expected = torch.stack([expected_of(text.float(), mode, 0) for text in halved])
    assert packed.dtype == padded.dtype == torch.float32
    assert (packed - expected).abs().max() <= 1e-6
    assert (padded - expected).abs().max() <= 1e-6

"""Texts tokenised a window ahead of the model."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from metier.models.tokens import Tokenised
from metier.models.windows import embed_windows

TEXTS = ["a", "bb", "ccccc", "", "dddd", "ee", "fff"]
LIMIT = 4
PATIENCE = 30  # seconds; only a fault waits that long


def read(texts):
    """A token per character, four at most."""
    ids = [np.array([ord(letter) for letter in text[:LIMIT]], dtype=np.int32) for text in texts]
    return Tokenised(ids, np.array([len(text) > LIMIT for text in texts], dtype=np.bool_))


def vectors(window, first):
    rows = [[first + row, ids.sum()] for row, ids in enumerate(window.ids)]
    return np.array(rows, dtype=np.float32).reshape(-1, 2)


@pytest.mark.parametrize("window", [1, 3, 7, 100])
def test_the_window_changes_nothing(window):
    made = embed_windows(TEXTS, read, vectors, dim=2, window=window)

    sums = [sum(ord(letter) for letter in text[:LIMIT]) for text in TEXTS]
    assert made.vectors.tolist() == [[place, total] for place, total in enumerate(sums)]
    assert made.tokens.tolist() == [1, 2, 4, 0, 4, 2, 3]
    assert made.truncated.tolist() == [False, False, True, False, False, False, False]
    assert (made.vectors.dtype, made.tokens.dtype) == (np.float32, np.int32)


def test_no_texts_give_no_vectors():
    made = embed_windows([], read, vectors, dim=2)

    assert made.vectors.shape == (0, 2)
    assert made.tokens.shape == made.truncated.shape == (0,)


def test_the_next_window_is_read_while_the_model_computes():
    begun = {text: threading.Event() for text in TEXTS}

    def noted(texts):
        for text in texts:
            begun[text].set()
        return read(texts)

    def waiting(window, first):
        after = TEXTS[first + len(window.ids) :][:1]
        assert all(begun[text].wait(PATIENCE) for text in after), "the next window was not read"
        return vectors(window, first)

    made = embed_windows(TEXTS, noted, waiting, dim=2, window=2)

    assert made.vectors[:, 0].tolist() == list(range(len(TEXTS)))


@pytest.mark.parametrize("bad", range(3))
def test_an_error_while_reading_a_window_comes_out(bad):
    computed = []

    def breaks(texts):
        if texts[0] == TEXTS[2 * bad]:
            raise ValueError(f"window {bad}")
        return read(texts)

    def noted(window, first):
        computed.append(first)
        return vectors(window, first)

    with pytest.raises(ValueError, match=f"window {bad}"):
        embed_windows(TEXTS, breaks, noted, dim=2, window=2)
    assert computed == [2 * done for done in range(bad)]


def test_an_error_while_computing_comes_out():
    def breaks(window, first):
        raise ValueError(f"texts from {first}")

    with pytest.raises(ValueError, match="texts from 0"):
        embed_windows(TEXTS, read, breaks, dim=2, window=2)

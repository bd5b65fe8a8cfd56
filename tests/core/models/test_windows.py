"""Texts tokenized a window ahead of the model."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from metier.models.tokens import TokenBatch, embed_windows
from metier.progress import NoProgress

TEXTS = ["a", "bb", "ccccc", "", "dddd", "ee", "fff"]
LIMIT = 4
PATIENCE = 30  # seconds; only a fault waits that long


def read(texts):
    """A token per character, four at most."""
    ids = [np.array([ord(letter) for letter in text[:LIMIT]], dtype=np.int32) for text in texts]
    return TokenBatch(ids, np.array([len(text) > LIMIT for text in texts], dtype=np.bool_))


def vectors(window, names):
    rows = [[name, ids.sum()] for name, ids in zip(names, window.ids, strict=True)]
    return np.array(rows, dtype=np.float32).reshape(-1, 2)


@pytest.mark.parametrize("window", [1, 3, 7, 100])
def test_the_window_changes_nothing(window):
    made = embed_windows(TEXTS, read, vectors, dim=2, progress=NoProgress(), window=window)

    sums = [sum(ord(letter) for letter in text[:LIMIT]) for text in TEXTS]
    assert made.vectors.tolist() == [[place, total] for place, total in enumerate(sums)]
    assert made.tokens.tolist() == [1, 2, 4, 0, 4, 2, 3]
    assert made.truncated.tolist() == [False, False, True, False, False, False, False]
    assert (made.vectors.dtype, made.tokens.dtype) == (np.float32, np.int32)


def test_no_texts_give_no_vectors():
    made = embed_windows([], read, vectors, dim=2, progress=NoProgress())

    assert made.vectors.shape == (0, 2)
    assert made.tokens.shape == made.truncated.shape == (0,)


def test_the_next_window_is_read_while_the_model_computes():
    begun = {text: threading.Event() for text in TEXTS}

    def noted(texts):
        for text in texts:
            begun[text].set()
        return read(texts)

    def waiting(window, names):
        after = TEXTS[names[-1] + 1 :][:1]
        assert all(begun[text].wait(PATIENCE) for text in after), "the next window was not read"
        return vectors(window, names)

    made = embed_windows(TEXTS, noted, waiting, dim=2, progress=NoProgress(), window=2)

    assert made.vectors[:, 0].tolist() == list(range(len(TEXTS)))


@pytest.mark.parametrize("bad", range(3))
def test_an_error_while_reading_a_window_comes_out(bad):
    computed = []

    def breaks(texts):
        if texts[0] == TEXTS[2 * bad]:
            raise ValueError(f"window {bad}")
        return read(texts)

    def noted(window, names):
        computed.append(names[0])
        return vectors(window, names)

    with pytest.raises(ValueError, match=f"window {bad}"):
        embed_windows(TEXTS, breaks, noted, dim=2, progress=NoProgress(), window=2)
    assert computed == [2 * done for done in range(bad)]


def test_an_error_while_computing_comes_out():
    def breaks(window, names):
        raise ValueError(f"texts from {names[0]}")

    with pytest.raises(ValueError, match="texts from 0"):
        embed_windows(TEXTS, read, breaks, dim=2, progress=NoProgress(), window=2)


def test_equal_texts_are_read_and_computed_once(counted):
    seen = []

    def noted(texts):
        seen.extend(texts)
        return read(texts)

    repeated = ["a", "bb", "a", "ccccc", "bb", "a"]
    made = embed_windows(repeated, noted, vectors, dim=2, progress=counted, window=2)

    assert seen == ["a", "bb", "ccccc"]
    assert made.vectors[:, 0].tolist() == [0, 1, 0, 3, 1, 0], "each is named by its first place"
    assert made.tokens.tolist() == [1, 2, 1, 4, 2, 1]
    assert made.truncated.tolist() == [False, False, False, True, False, False]
    assert counted.items == 3, "the computed ones are counted by those who compute them"

"""The rotation: whole vectors stay as near as they were, and the first numbers tell most."""

from __future__ import annotations

import numpy as np
import pytest

from metier.retrieval.funnel import principal_axes, sample_size, shortened

DIM = 48


def corpus(count: int, seed: int = 0) -> np.ndarray:
    """Unit rows whose lengths along hidden axes fall off, as those of embeddings do."""
    rng = np.random.default_rng(seed)
    hidden = np.linalg.qr(np.random.default_rng(99).normal(size=(DIM, DIM)))[0]
    made = (rng.normal(size=(count, DIM)) / np.arange(1, DIM + 1)) @ hidden
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    return made.astype(np.float32)


def test_the_cosines_of_whole_vectors_stay_as_they_were():
    vectors, queries = corpus(200), corpus(20, seed=1)
    axes = principal_axes(vectors)
    np.testing.assert_allclose(axes.T @ axes, np.eye(DIM), atol=1e-5)
    rotated = shortened(queries, axes, DIM) @ shortened(vectors, axes, DIM).T
    np.testing.assert_allclose(rotated, queries @ vectors.T, atol=1e-5)


def test_fewer_rotated_numbers_keep_more_of_the_order_than_fewer_as_they_are():
    vectors, queries = corpus(2000), corpus(50, seed=1)
    axes = principal_axes(vectors[:500])
    true = np.argsort(-(queries @ vectors.T), axis=1)[:, :10]

    def recall(scores: np.ndarray) -> float:
        found = np.argsort(-scores, axis=1)[:, :10]
        return float(
            np.mean([len({*one} & {*other}) / 10 for one, other in zip(true, found, strict=True)])
        )

    rotated = recall(shortened(queries, axes, 8) @ shortened(vectors, axes, 8).T)
    plain = recall(queries[:, :8] @ vectors[:, :8].T)
    assert rotated > 0.6
    assert plain < 0.3


def test_short_vectors_are_of_unit_length_unless_nothing_is_left_of_them():
    vectors = corpus(30)
    axes = principal_axes(vectors)
    norms = np.linalg.norm(shortened(vectors, axes, 5), axis=1)
    np.testing.assert_allclose(norms, 1.0, atol=1e-5)
    last = axes[:, -1:].T
    assert np.abs(shortened(np.zeros_like(last), axes, 5)).max() == 0.0


@pytest.mark.parametrize("count", [1, 3])
def test_a_few_vectors_are_enough_for_axes(count):
    axes = principal_axes(corpus(count))
    np.testing.assert_allclose(axes.T @ axes, np.eye(DIM), atol=1e-5)
    short = shortened(corpus(count), axes, count)
    np.testing.assert_allclose(short @ short.T, corpus(count) @ corpus(count).T, atol=1e-4)


def test_a_sample_has_several_vectors_for_each_number():
    assert sample_size(100, 1024) == 100
    assert sample_size(10**6, 1024) >= 10 * 1024
    assert sample_size(10**6, 8192) >= 4 * 8192

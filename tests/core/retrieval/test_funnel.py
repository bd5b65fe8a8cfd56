"""Rotated vectors and funnels: what short vectors keep, and how long a shortlist has to be."""

from __future__ import annotations

import numpy as np
import pytest

from metier.retrieval.funnel import Funnel, fit_funnel, principal_axes, sample_size, shortened

DIM = 256


def corpus(count: int, decay: float, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    made = rng.standard_normal((count, DIM), dtype=np.float32)
    made *= np.arange(1, DIM + 1, dtype=np.float32) ** -decay
    return made / np.linalg.norm(made, axis=1, keepdims=True)


def fitted(vectors: np.ndarray) -> tuple[Funnel, np.ndarray]:
    axes = principal_axes(vectors[::4])
    parts = (vectors[at : at + 700] for at in range(0, len(vectors), 700))
    batches = list(parts)
    return fit_funnel(lambda: batches, len(vectors), vectors[::150], axes), axes


@pytest.mark.parametrize("decay", [0.6, 1.0])
def test_the_shortlist_holds_the_nearest_of_other_queries_too(decay):
    vectors, queries = corpus(20_000, decay), corpus(100, decay, seed=1)
    funnel, axes = fitted(vectors)
    assert not funnel.is_exact
    assert min(funnel.recall) >= 0.99
    assert funnel.fitted == 20_000
    short = axes[:, : funnel.dim]
    quick, true = (queries @ short) @ (vectors @ short).T, queries @ vectors.T
    for count in (10, 100):
        width = funnel.width(count)
        held = np.argpartition(-quick, width, axis=1)[:, :width]
        wanted = np.argpartition(-true, count, axis=1)[:, :count]
        found = [len({*one} & {*other}) / count for one, other in zip(held, wanted, strict=True)]
        assert np.mean(found) >= 0.985


def test_vectors_without_a_preferred_direction_are_searched_exactly():
    funnel, _ = fitted(corpus(20_000, 0.0))
    assert funnel.is_exact
    assert funnel.recall == (1.0, 1.0)


def test_short_vectors_are_searched_exactly():
    vectors = corpus(500, 1.0)[:, :48]
    funnel, _ = fitted(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))
    assert funnel.is_exact


def test_a_shortlist_grows_with_the_hits_that_are_asked_for():
    funnel = Funnel(64, (50, 400), (0.99, 0.99), 30_000)
    widths = [funnel.width(count) for count in (1, 10, 11, 55, 100, 200)]
    assert widths == [50, 50, 54, 225, 400, 800]
    assert Funnel.from_dict(funnel.to_dict()) == funnel


def test_a_funnel_is_outgrown_by_twice_or_half_as_many_vectors():
    funnel = Funnel(64, (50, 400), (0.99, 0.99), 30_000)
    outgrown = [funnel.is_outgrown(count) for count in (14_000, 15_000, 60_000, 61_000)]
    assert outgrown == [True, False, False, True]


ROTATED_DIM = 48


def hidden_axes_corpus(count: int, seed: int = 0) -> np.ndarray:
    """Unit rows whose lengths along hidden axes fall off, as those of embeddings do."""
    rng = np.random.default_rng(seed)
    hidden = np.linalg.qr(np.random.default_rng(99).normal(size=(ROTATED_DIM, ROTATED_DIM)))[0]
    made = (rng.normal(size=(count, ROTATED_DIM)) / np.arange(1, ROTATED_DIM + 1)) @ hidden
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    return made.astype(np.float32)


def test_the_cosines_of_whole_vectors_stay_as_they_were():
    vectors, queries = hidden_axes_corpus(200), hidden_axes_corpus(20, seed=1)
    axes = principal_axes(vectors)
    np.testing.assert_allclose(axes.T @ axes, np.eye(ROTATED_DIM), atol=1e-5)
    rotated = shortened(queries, axes, ROTATED_DIM) @ shortened(vectors, axes, ROTATED_DIM).T
    np.testing.assert_allclose(rotated, queries @ vectors.T, atol=1e-5)


def test_fewer_rotated_numbers_keep_more_of_the_order_than_fewer_as_they_are():
    vectors, queries = hidden_axes_corpus(2000), hidden_axes_corpus(50, seed=1)
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
    vectors = hidden_axes_corpus(30)
    axes = principal_axes(vectors)
    norms = np.linalg.norm(shortened(vectors, axes, 5), axis=1)
    np.testing.assert_allclose(norms, 1.0, atol=1e-5)
    last = axes[:, -1:].T
    assert np.abs(shortened(np.zeros_like(last), axes, 5)).max() == 0.0


@pytest.mark.parametrize("count", [1, 3])
def test_a_few_vectors_are_enough_for_axes(count):
    axes = principal_axes(hidden_axes_corpus(count))
    np.testing.assert_allclose(axes.T @ axes, np.eye(ROTATED_DIM), atol=1e-5)
    short = shortened(hidden_axes_corpus(count), axes, count)
    np.testing.assert_allclose(
        short @ short.T, hidden_axes_corpus(count) @ hidden_axes_corpus(count).T, atol=1e-4
    )


def test_a_sample_has_several_vectors_for_each_number():
    assert sample_size(100, 1024) == 100
    assert sample_size(10**6, 1024) >= 10 * 1024
    assert sample_size(10**6, 8192) >= 4 * 8192

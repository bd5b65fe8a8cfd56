"""The funnel: it finds what exact search finds, and is not used where it would read as much."""

from __future__ import annotations

import numpy as np
import pytest

from metier.retrieval.funnel import Funnel, fit_funnel, principal_axes

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

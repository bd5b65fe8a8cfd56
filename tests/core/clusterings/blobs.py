"""Texts on clear subjects with vectors around a direction for each."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from tests.core.analysis.vectors import Matrix, unit

SUBJECTS = ("bear", "train", "soup", "loan", "knee")


def topic(
    number: int, count: int, *, seed: int = 0, spread: float = 0.05
) -> tuple[Matrix, list[str]]:
    """Return vectors around the direction of a subject, and texts that name it."""
    rng = np.random.default_rng([number, seed])
    rows = np.eye(16)[number] + spread * rng.standard_normal((count, 16))
    return unit(rows), [f"{SUBJECTS[number]} number {row} of {seed}" for row in range(count)]


def topics(*counts: int, seed: int = 0) -> tuple[Matrix, list[str], npt.NDArray[np.intp]]:
    """Return vectors, texts and the subject of each, so many of each subject in turn."""
    parts = [topic(number, count, seed=seed) for number, count in enumerate(counts)]
    return (
        np.concatenate([vectors for vectors, _ in parts]),
        [text for _, texts in parts for text in texts],
        np.repeat(np.arange(len(counts)), counts),
    )

"""Examples of two and more labels for heads: letters to a shop, with vectors that fit them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from tests.core.analysis.vectors import around

from metier import HeadInputs

SUBJECTS = {
    "delivery": "the parcel came {} days late and the courier left it outside",
    "payment": "the card was charged {} times and the invoice is wrong",
    "return": "I want to send the jacket back since size {} is too small",
}


def letters(
    count: int, *, noise: float = 0.6, classes: int = 3, seed: int = 0
) -> tuple[HeadInputs, list[str]]:
    """Return inputs with vectors and texts, and their labels, each label in turn."""
    vectors, numbers = around(classes, count, noise=noise, seed=seed)
    labels = [list(SUBJECTS)[number] for number in numbers]
    texts = [f"{SUBJECTS[label].format(row)}." for row, label in enumerate(labels)]
    return HeadInputs(vectors=vectors, texts=texts), labels


def noisy(
    count: int, *, seed: int = 0, shares: Sequence[float] = (0.7, 0.3)
) -> tuple[HeadInputs, list[str]]:
    """Return inputs with vectors alone, of two labels that overlap."""
    generator = np.random.default_rng(seed)
    numbers = generator.choice(len(shares), count, p=shares)
    vectors = 0.9 * numbers[:, None] * np.eye(8)[0] + generator.standard_normal((count, 8))
    return HeadInputs(vectors=vectors), [("paid", "late")[number] for number in numbers]

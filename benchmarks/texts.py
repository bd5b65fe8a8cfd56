"""Random texts."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from statistics import NormalDist

# One token each for the tiny tokenizer, so that words and tokens go together as in real text.
WORDS = (  # noqa: SIM905  a list of 33 strings would fill the screen
    "Beijing China add and answer applications attracts based bodies capital find for force loan "
    "meets missed passages payments query relevant requirements retrieve return risk search that "
    "the two web were whether which yes"
).split()


def documents(count: int, *, mean_words: float, seed: int = 0) -> list[str]:
    """Texts of lognormal length (sigma 0.6), in random order, each with at least three words."""
    sigma = 0.6
    median = mean_words / math.exp(sigma**2 / 2)
    normal = NormalDist(0, sigma)
    # Quantiles rather than draws: a small run has the same mean length as the full one.
    quantiles = ((index + 0.5) / count for index in range(count))
    lengths = [max(3, round(median * math.exp(normal.inv_cdf(q)))) for q in quantiles]
    chance = random.Random(seed)
    chance.shuffle(lengths)
    return [sentence(chance, length) for length in lengths]


def queries(count: int, *, words: tuple[int, int], seed: int = 1) -> list[str]:
    """Texts with a random number of words, from the first to the second of `words`."""
    chance = random.Random(seed)
    return [sentence(chance, chance.randint(*words)) for _ in range(count)]


def stream(count: int, *, words: int, seed: int = 2) -> Iterator[str]:
    """Yield texts of one length."""
    chance = random.Random(seed)
    return (sentence(chance, words) for _ in range(count))


def sentence(chance: random.Random, words: int) -> str:
    """Return a text of random words."""
    return " ".join(chance.choices(WORDS, k=words))

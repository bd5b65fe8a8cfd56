"""Made-up texts."""

from __future__ import annotations

import random

# One token each for the tiny tokenizer, so that words and tokens go together as in real text.
WORDS = (  # noqa: SIM905  a list of 33 strings would fill the screen
    "Beijing China add and answer applications attracts based bodies capital find for force loan "
    "meets missed passages payments query relevant requirements retrieve return risk search that "
    "the two web were whether which yes"
).split()


def documents(count: int, *, mean_words: int, seed: int = 0) -> list[str]:
    """Texts of lognormal length."""
    chance = random.Random(seed)
    lengths = [max(3, round(chance.lognormvariate(0, 0.6) * mean_words)) for _ in range(count)]
    return [" ".join(chance.choices(WORDS, k=length)) for length in lengths]

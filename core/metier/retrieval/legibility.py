"""Whether a model can read a text: a vector of what it cannot read is worse than none.

A tokenizer tells its model's languages. What was not in the texts it was made from falls into
single letters, or is not known at all.
"""

from __future__ import annotations

import unicodedata

from metier.models.embedder import States

LEGIBLE = 0.6
"""Share of a query's letters from which on a model's view of it counts."""


def legibility(text: str, states: States) -> float:
    """The share of the letters of a text that a model reads as more than single ones.

    A letter that is a word by itself is read, and so is a Chinese character.

    Args:
        text: what was read, or its beginning.
        states: the tokens of the whole; those the vocabulary lacks are not among them.

    Returns:
        0 to 1; 1 for a text without letters.
    """
    letters = [place for place, one in enumerate(text) if one.isalpha()]
    if not letters:
        return 1.0
    read: set[int] = set()
    for start, end in states.spans.tolist():
        if start >= len(text):
            break
        if end - start > 1 or _stands_alone(text, start) or _is_han(text[start]):
            read.update(range(start, end))
    return sum(place in read for place in letters) / len(letters)


def _stands_alone(text: str, place: int) -> bool:
    around = text[max(place - 1, 0) : place] + text[place + 1 : place + 2]
    return not any(one.isalnum() for one in around)


def _is_han(letter: str) -> bool:
    return unicodedata.name(letter, "").startswith("CJK")

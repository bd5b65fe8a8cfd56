"""The words of a text, and a direction for each: what the fake models read."""

from __future__ import annotations

import hashlib
import re

import numpy as np
import numpy.typing as npt

_WORD = re.compile(r"\w+|[^\w\s]")


def words_of(text: str) -> list[str]:
    """Words and single signs of a text in order, in lower case: the tokens of a fake model."""
    return _WORD.findall(text.casefold())


def direction_of(word: str, dim: int, seed: int) -> npt.NDArray[np.float32]:
    """(dim,) numbers, each 1 or -1, drawn from a hash: the same in every process and version.

    Two words are at nearly a right angle, and so are the first numbers of their directions, which
    is what a model with MRL is trained for.
    """
    drawn = hashlib.shake_256(f"{seed}:{word}".encode("utf-8", "surrogatepass")).digest(
        -(-dim // 8)
    )
    bits = np.unpackbits(np.frombuffer(drawn, dtype=np.uint8))[:dim]
    return bits.astype(np.float32) * 2 - 1


def number_of(text: str, seed: int) -> float:
    """A number from -1 to 1 drawn from a hash of the text."""
    drawn = hashlib.sha256(f"{seed}:{text}".encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(drawn[:4], "big") / 0xFFFFFFFF * 2 - 1

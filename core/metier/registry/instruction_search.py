"""Search in instructions by words: BM25 over their tasks, names and kinds. No model."""

from __future__ import annotations

import difflib
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from metier.registry.instruction import Instruction
from metier.texts.stemming import stems

_SATURATION = 1.2
_LENGTH_SHARE = 0.75
_NAME_WEIGHT = 2
_CLOSE = 0.75


@dataclass(frozen=True, slots=True)
class Match:
    """An instruction that was found.

    Attributes:
        instruction: as an id without a version means it.
        score: BM25, above 0; comparable within one search only.
    """

    instruction: Instruction
    score: float


def search_instructions(
    instructions: Sequence[Instruction], query: str, top_k: int = 10
) -> list[Match]:
    """The instructions that share words with a query, best first, ties in given order.

    Words are compared by their stems, and one that no instruction has stands for the one it looks
    like, so that a slip of the pen is forgiven.

    Args:
        instructions: what is searched.
        query: in the user's words.
        top_k: at most this many.
    """
    texts = [Counter(_words_of(one)) for one in instructions]
    holders = Counter(word for words in texts for word in words)
    wanted = {_known(word, holders) for word in stems(query)} & holders.keys()
    average = sum(words.total() for words in texts) / max(len(texts), 1)
    scored = [
        Match(one, score)
        for one, words in zip(instructions, texts, strict=True)
        if (score := _bm25(wanted, words, holders, len(texts), average)) > 0
    ]
    return sorted(scored, key=lambda match: -match.score)[:top_k]


def _words_of(one: Instruction) -> list[str]:
    names = [one.id, *(alias.name for alias in one.aliases)]
    return stems(" ".join(names)) * _NAME_WEIGHT + stems(f"{one.domain} {one.kind} {one.task}")


def _known(word: str, holders: Counter[str]) -> str:
    if word in holders:
        return word
    return next(iter(difflib.get_close_matches(word, holders, n=1, cutoff=_CLOSE)), word)


def _bm25(
    wanted: set[str], words: Counter[str], holders: Counter[str], count: int, average: float
) -> float:
    length = 1 - _LENGTH_SHARE + _LENGTH_SHARE * words.total() / average
    score = 0.0
    for word in sorted(wanted & words.keys()):  # sorted: sums of floats depend on their order
        rarity = math.log(1 + (count - holders[word] + 0.5) / (holders[word] + 0.5))
        often = words[word]
        score += rarity * often * (_SATURATION + 1) / (often + _SATURATION * length)
    return score

"""Search for instructions by words: BM25 over their tasks, names and kinds. No model."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from metier.close_names import close_names
from metier.registry.instruction import Instruction
from metier.texts.stemming import COMMON_WORDS, english_stems

_SATURATION = 1.2
_LENGTH_SHARE = 0.75
_NAME_WEIGHT = 2
_CLOSE = 0.75

_IGNORED = COMMON_WORDS | {"find", "given", "identify", "retrieve", "search"}
"""Words left out: besides common ones, those with which most tasks begin."""


@dataclass(frozen=True, slots=True)
class InstructionMatch:
    """An instruction that was found.

    Attributes:
        instruction: as an id without a version means it.
        score: BM25, or a cosine where a model compared; above 0, comparable within one search.
    """

    instruction: Instruction
    score: float


def search_instructions(
    instructions: Sequence[Instruction], query: str, top_k: int = 10
) -> list[InstructionMatch]:
    """The instructions that share words with a query, best first, ties in the given order.

    Words are compared by their stems. A word that no instruction has stands for the most similar
    one that some instruction has, so that a misspelling does no harm.

    Args:
        instructions: what is searched.
        query: in the user's words.
        top_k: at most this many.
    """
    numbers: dict[str, int] = {}
    documents = [
        [numbers.setdefault(stem, len(numbers)) for stem in _document(instruction)]
        for instruction in instructions
    ]
    terms = {_known(stem, numbers) for stem in task_stems(query)} & numbers.keys()
    if not terms:
        return []
    import bm25s

    scorer = bm25s.BM25(k1=_SATURATION, b=_LENGTH_SHARE, method="lucene")
    scorer.index((documents, numbers), create_empty_token=False, show_progress=False)
    scores = scorer.get_scores_from_ids(sorted(numbers[term] for term in terms))
    matches = [
        InstructionMatch(instruction, float(score))
        for instruction, score in zip(instructions, scores, strict=True)
        if score > 0
    ]
    return sorted(matches, key=lambda match: -match.score)[:top_k]


def task_stems(text: str) -> list[str]:
    """Stems of the words that tell one task from others."""
    return english_stems(text, _IGNORED)


def share_words(task: str, other: str) -> bool:
    """Whether two tasks have nearly the same words."""
    stems, others = set(task_stems(task)), set(task_stems(other))
    return bool(stems) and len(stems & others) >= SAME_WORDS * len(stems | others)


SAME_WORDS = 0.8
"""Share of common stems, of all that two tasks have, from which on they count as the same."""


def _document(instruction: Instruction) -> list[str]:
    names = [instruction.id, *(alias.name for alias in instruction.aliases)]
    description = f"{instruction.domain} {instruction.kind} {instruction.task}"
    return task_stems(" ".join(names)) * _NAME_WEIGHT + task_stems(description)


def _known(stem: str, known: Collection[str]) -> str:
    if stem in known:
        return stem
    return next(iter(close_names(stem, known, limit=1, cutoff=_CLOSE)), stem)

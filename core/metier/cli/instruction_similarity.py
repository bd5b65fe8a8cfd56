"""Similarity of instructions by meaning: cosines between the vectors of their tasks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from metier.registry.instruction_search import InstructionMatch
    from metier.registry.lint import Alike
    from metier.runtime.runtime import Runtime

_SEARCH_TASK = "Given what somebody wants to do, retrieve the description of that task"

SAME_MEANING = 0.82
"""Cosine from which on two tasks are said to mean the same. With the embedded model no two
instructions of one kind that ship exceed 0.80, and close paraphrases reach 0.87; loose paraphrases
stay below."""


def search_by_similarity(rt: Runtime, query: str, top_k: int) -> list[InstructionMatch]:
    """The `top_k` instructions whose tasks are most similar to a query; scores are cosines."""
    from metier.registry.instruction import Instruction
    from metier.registry.instruction_search import InstructionMatch
    from metier.retrieval.nearest import nearest

    instructions = rt.instructions.list()
    search = Instruction(id="find-instruction", task=_SEARCH_TASK, kind="retrieval")
    tasks = rt.embed_documents(
        [instruction.task for instruction in instructions], instruction=search
    )
    queries = rt.embed_queries([query], instruction=search)
    rows, cosines = nearest(queries, tasks, top_k)
    return [
        InstructionMatch(instructions[int(row)], float(cosine))
        for row, cosine in zip(rows[0], cosines[0], strict=True)
    ]


def compare_by_similarity(rt: Runtime, tasks: Sequence[str]) -> Alike:
    """A function that tells whether two tasks share their words or mean the same.

    Args:
        rt: its model compares.
        tasks: every task that will be compared; they are embedded in this call.
    """
    from metier.registry.instruction_search import share_words

    distinct = list(dict.fromkeys(tasks))
    vectors = dict(zip(distinct, rt.embed_documents(distinct), strict=True))

    def alike(task: str, other: str) -> bool:
        cosine = float(vectors[task] @ vectors[other])
        return cosine >= SAME_MEANING or share_words(task, other)

    return alike

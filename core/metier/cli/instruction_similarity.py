"""Instructions compared by meaning: their tasks as vectors of a Runtime's model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from metier.registry.instruction_search import InstructionMatch
    from metier.registry.lint import Alike
    from metier.runtime.runtime import Runtime

_FINDING = "Given what somebody wants to do, retrieve the description of that task"

SAME_MEANING = 0.82
"""Cosine of two tasks from which on they mean the same. With the embedded model no two instructions
of one kind that ship come above 0.80, and close paraphrases reach 0.87; free ones go unnoticed."""


def search_by_meaning(rt: Runtime, query: str, top_k: int) -> list[InstructionMatch]:
    """Instructions by the similarity of their tasks to a query; scores are cosines."""
    from metier.registry.instruction import Instruction
    from metier.registry.instruction_search import InstructionMatch
    from metier.retrieval.nearest import nearest

    instructions = rt.instructions.list()
    finding = Instruction(id="find-instruction", task=_FINDING, kind="retrieval")
    tasks = rt.embed_documents([each.task for each in instructions], instruction=finding)
    queries = rt.embed_queries([query], instruction=finding)
    indexes, cosines = nearest(queries, tasks, top_k)
    return [
        InstructionMatch(instructions[int(index)], float(cosine))
        for index, cosine in zip(indexes[0], cosines[0], strict=True)
    ]


def alike_by_meaning(rt: Runtime, tasks: Sequence[str]) -> Alike:
    """A comparison of tasks: by their words, and by the cosine of their vectors.

    Args:
        rt: its model compares.
        tasks: all that will be compared, embedded now, all at once.
    """
    from metier.registry.instruction_search import share_words

    distinct = list(dict.fromkeys(tasks))
    vectors = dict(zip(distinct, rt.embed_documents(distinct), strict=True))

    def alike(task: str, other: str) -> bool:
        cosine = float(vectors[task] @ vectors[other])
        return cosine >= SAME_MEANING or share_words(task, other)

    return alike

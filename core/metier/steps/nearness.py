"""How similar a match has to be: more than a model finds texts that have nothing in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from metier.registry.instruction import Instruction

if TYPE_CHECKING:
    from metier.models.embedder import Side
    from metier.runtime.runtime import Runtime

DEVIATIONS = 3.5
"""Chosen so that the best matches of most questions that a corpus answers are near, and those of
few that it does not answer: `python -m benchmarks nearness` measures both."""

_QUERIES = (
    "how to bake sourdough bread", "the train to the coast was late", "which paint dries fastest",
    "names of the moons of Jupiter", "my cat sleeps on the piano", "rules of the offside trap",
    "planting tulips before the frost", "a recipe for tomato soup", "the violin needs new strings",
    "tickets for the morning ferry", "what to wear for a hike in spring",
    "the goalkeeper saved the penalty",
)  # fmt: skip
_TEXTS = (
    "The museum opens at nine and closes at five.", "Whales sing over great distances.",
    "Put the kettle on and warm the pot first.", "He learned to ride a bicycle in the park.",
    "The river froze for three weeks that winter.", "Our neighbors painted their door green.",
    "Mountain goats climb almost vertical cliffs.", "The orchestra tuned before the concert.",
    "Lemon juice keeps sliced apples from browning.", "The lighthouse was built in 1871.",
    "She knitted a red scarf for her brother.", "A comet was seen above the harbor at dawn.",
)  # fmt: skip
"""No query has to do with any of the texts: their cosines show what a model gives to strangers."""


def near_cosine(
    rt: Runtime,
    instruction: str | Instruction | None,
    dim: int | None = None,
    *,
    side: Side = "query",
    deviations: float = DEVIATIONS,
) -> float:
    """The least cosine of texts that are near each other, by the measure of the model.

    It is by default 3.5 standard deviations above the mean cosine of pairs of texts that have
    nothing to do with each other. The Runtime keeps their vectors.

    Args:
        rt: the Runtime.
        instruction: id or `Instruction` under which texts are compared; None for the model's
            default.
        dim: vector size; None for the instruction's default.
        side: of the first of each pair; the second is a document.
        deviations: how many; more where texts are of one kind, such as clauses of contracts.
    """
    declared = rt.instructions.get(instruction) if isinstance(instruction, str) else instruction
    first = rt.engine.embed(_QUERIES, side, instruction=declared, dim=dim, memorize=True)
    second = rt.engine.embed(_TEXTS, "document", instruction=declared, dim=dim, memorize=True)
    cosines = np.asarray(first) @ np.asarray(second).T
    return min(1.0, float(cosines.mean() + deviations * cosines.std()))

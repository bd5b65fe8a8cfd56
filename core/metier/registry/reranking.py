"""Whether a reranker reads what a search found: the call decides, else the instruction."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RerankChoice:
    """Whether the nearest passages are reranked, and why.

    Attributes:
        wanted: whether they are, where there is a reranker.
        required: whether it is an error that there is none.
        source: `call`, `instruction` or `default`.
        reason: one sentence for people.
    """

    wanted: bool
    required: bool
    source: str
    reason: str


def choose_rerank(*, requested: bool | None, declared: bool | None) -> RerankChoice:
    """Decide whether a call reranks.

    What the call asks for is an order; what an instruction declares is a default.
    """
    if requested is not None:
        said = "asked for in the call" if requested else "the call asks for none"
        return RerankChoice(requested, requested, "call", said)
    if declared is not None:
        said = "declared by the instruction" if declared else "the instruction declares none"
        return RerankChoice(declared, False, "instruction", said)
    return RerankChoice(
        True, False, "default", "neither the call nor the instruction says otherwise"
    )

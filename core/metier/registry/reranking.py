"""Whether a reranker reads what a search found: call, else instruction, else domain."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RerankChoice:
    """Whether the nearest passages are reranked, and why.

    Attributes:
        wanted: whether they are, where there is a reranker.
        required: whether it is an error that there is none.
        source: `call`, `instruction`, `domain` or `default`.
        reason: one sentence for people.
    """

    wanted: bool
    required: bool
    source: str
    reason: str


def choose_rerank(
    *, requested: bool | None, declared: bool | None, domain: bool | None = None
) -> RerankChoice:
    """Decide whether a call reranks.

    What the call asks for is an order; what an instruction or its domain declares is a default.
    """
    if requested is not None:
        said = "asked for in the call" if requested else "the call asks for none"
        return RerankChoice(requested, requested, "call", said)
    for source, said_there in (("instruction", declared), ("domain", domain)):
        if said_there is not None:
            said = f"declared by the {source}" if said_there else f"the {source} declares none"
            return RerankChoice(said_there, False, source, said)
    return RerankChoice(
        True, False, "default", "neither the call nor the instruction says otherwise"
    )

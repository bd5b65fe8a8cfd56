"""core/match: the nearest texts of two tables."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from metier.plugin import (
    Dim,
    InstructionId,
    LongTexts,
    MatchResult,
    Runtime,
    Texts,
    TopK,
    match_texts,
    workflow,
)


@workflow("core/match", instruction="core/text-matching")
def match(
    rt: Runtime,
    left: Annotated[Texts, Field(description="Texts of one kind, such as applicants.")],
    right: Annotated[Texts, Field(description="Texts of another kind, such as positions.")],
    *,
    instruction: InstructionId = "core/text-matching",
    top_k: Annotated[TopK, Field(description="How many of the nearest of each text.")] = 5,
    dim: Dim = None,
    long_texts: LongTexts = "pool",
) -> MatchResult:
    """Find the nearest texts of each table in the other, and which are each other's nearest.

    The columns of both tables come back beside each pair, named `left_...` and `right_...`.
    """
    return match_texts(
        rt, left, right, instruction=instruction, top_k=top_k, dim=dim, long_texts=long_texts
    )

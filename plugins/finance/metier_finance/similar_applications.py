"""finance/similar-applications: the nearest earlier applications and how they ended."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from metier.plugin import (
    Dim,
    LongTexts,
    Runtime,
    SimilarCases,
    Texts,
    TopK,
    find_similar_cases,
    labels_of,
    workflow,
)


@workflow("finance/similar-applications", instruction="finance/application-similarity")
def similar_applications(
    rt: Runtime,
    applications: Annotated[Texts, Field(description="New applications, one text each.")],
    earlier: Annotated[
        Texts, Field(description="Earlier applications, with a column that says how each ended.")
    ],
    *,
    outcome_field: Annotated[
        str, Field(description="Column of the earlier applications that holds the outcome.")
    ] = "outcome",
    top_k: Annotated[TopK, Field(description="Most similar ones of each application.")] = 10,
    dim: Dim = None,
    long_texts: LongTexts = "pool",
) -> SimilarCases:
    """Find the nearest earlier applications of each new one, and how these ended.

    The shares of the outcomes among them come with 95 % intervals and the shares of all earlier
    applications. An application that no earlier one is near to gets none.
    """
    return find_similar_cases(
        rt,
        applications,
        earlier,
        labels_of(earlier, outcome_field, parameter="outcome_field"),
        instruction="finance/application-similarity",
        noun="applications",
        top_k=top_k,
        dim=dim,
        long_texts=long_texts,
    )

"""core/fit: a head that is learned from labeled examples, measured and saved."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from metier.plugin import (
    Dim,
    GoalFlags,
    GoalPrecision,
    GoalRecall,
    HeadColumns,
    HeadFolder,
    HeadLevel,
    HeadResult,
    InstructionId,
    LongTexts,
    Positive,
    Runtime,
    Subgroup,
    Texts,
    fit_and_save,
    labels_of,
    workflow,
)


@workflow("core/fit", instruction="core/text-classification")
def fit(
    rt: Runtime,
    examples: Annotated[Texts, Field(description="Labeled rows to learn from.")],
    *,
    at: HeadFolder = None,
    label_field: Annotated[
        str, Field(description="Field of the examples that holds the label.")
    ] = "label",
    columns: HeadColumns = (),
    subgroup: Subgroup = (),
    positive: Positive = None,
    recall: GoalRecall = None,
    precision: GoalPrecision = None,
    flags: GoalFlags = None,
    level: HeadLevel = 0.9,
    instruction: InstructionId = "core/text-classification",
    seed: Annotated[int, Field(ge=0, description="Draws the examples that are held out.")] = 0,
    dim: Dim = None,
    long_texts: LongTexts = "pool",
) -> HeadResult:
    """Learn labels from examples, save what was learned, and say how good it is.

    All figures are of examples that were held out, with 95 % intervals. What is learned from the
    texts' vectors, their terms and other columns is chosen by them.
    """
    return fit_and_save(
        rt,
        examples,
        labels_of(examples, label_field),
        instruction=instruction,
        at=at,
        columns=columns,
        subgroup=subgroup,
        positive=positive,
        recall=recall,
        precision=precision,
        flags=flags,
        level=level,
        seed=seed,
        dim=dim,
        long_texts=long_texts,
    )

"""finance/drift: whether new applications are like those of before, and which risks moved."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from metier import Head, apply_head
from metier.plugin import (
    BatchFlags,
    BatchScores,
    Dim,
    DriftReport,
    LongTexts,
    Runtime,
    Texts,
    compare_batches,
    workflow,
)
from metier_finance.flag_loans import flag_applications


@workflow("finance/drift", instruction="finance/delinquency-risk")
def drift(
    rt: Runtime,
    applications: Annotated[Texts, Field(description="New applications, such as of this month.")],
    reference: Annotated[
        Texts, Field(description="Applications of before, such as those that a head learned from.")
    ],
    *,
    head: Annotated[
        Path | None,
        Field(description="Folder of a head, as finance/fit-risk saves it: its scores, too."),
    ] = None,
    risks: Annotated[
        bool, Field(description="Flag both batches and compare how often each risk is flagged.")
    ] = True,
    seed: Annotated[int, Field(ge=0, description="Of folds and draws.")] = 0,
    dim: Dim = None,
    long_texts: LongTexts = "pool",
) -> DriftReport:
    """Compare new applications with those of before: texts, scores, and which risks moved.

    It says how well the new texts are told from the earlier ones, whether the scores of a head
    are distributed otherwise, and which risks are flagged more or less often, with intervals.
    """
    scores: dict[str, BatchScores] = {}
    flags: dict[str, BatchFlags] = {}
    if head is not None:
        learned = Head.load(head)
        before, now = (apply_head(rt, learned, texts) for texts in (reference, applications))
        name = f"probability of {learned.positive}"
        if before.scores is not None and now.scores is not None:
            scores[name] = BatchScores(before.scores.tolist(), now.scores.tolist())
        if before.flags is not None and now.flags is not None:
            flags[str(learned.positive)] = BatchFlags(before.flags.tolist(), now.flags.tolist())
    if risks:
        flags |= _risks(rt, applications, reference, dim)
    return compare_batches(
        rt,
        applications,
        reference,
        instruction="finance/delinquency-risk",
        scores=scores,
        flags=flags,
        noun="applications",
        seed=seed,
        dim=dim,
        long_texts=long_texts,
    )


def _risks(
    rt: Runtime, applications: Texts, reference: Texts, dim: int | None
) -> dict[str, BatchFlags]:
    """Which texts of both batches are flagged, by the title of each risk."""
    reports = [flag_applications(rt, texts, dim=dim) for texts in (reference, applications)]
    before, now = (
        [{score.risk for score in item.flags} for item in report.items] for report in reports
    )
    return {
        title: BatchFlags(
            [risk in flagged for flagged in before], [risk in flagged for flagged in now]
        )
        for risk, title in reports[0].titles.items()  # of packs, too
    }
